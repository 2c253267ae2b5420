import type { CoveredModel } from '../model/model.ts';
import type { Gradient, Pass } from '../model/layers/layer.ts';
import { Graph, type Value } from '../onnx/graph.ts';
import type { Optimizer } from '../optimizers/index.ts';
import type { StepShape } from './engine.ts';

/** Names of the graph's inputs and outputs. */
export const port = {
  features: 'features',
  targets: 'targets',
  mean: 'mean',
  deviation: 'deviation',
  seed: 'seed',
  mask: (i: number) => `mask_${i}`,
  weight: (i: number) => `weight_${i}`,
  slot: (k: number, i: number) => `slot_${k}_${i}`,
  anchor: (i: number) => `anchor_${i}`,
  newWeight: (i: number) => `new_weight_${i}`,
  newSlot: (k: number, i: number) => `new_slot_${k}_${i}`,
  outputs: 'outputs',
};

const batch = 'N';

/** What examples come in as: floats; bytes v that mean v / 255; or bytes that mean (v / 255 - mean) / deviation. */
export type Entry = 'floats' | 'bytes' | 'scaledBytes';

/** The shape of an example as it comes in: where only one channel or a flattening follows, with nothing left to do there. */
export function entryShape({ inputShape, layers }: CoveredModel): readonly number[] {
  if (layers[0]?.reshapes) return layers[0].outputShape;
  return inputShape.at(-1) === 1 ? graphShape(inputShape) : inputShape;
}

interface Emitted {
  readonly outputs: Value;
  readonly gradients: (dOutputs: Value) => (Gradient | undefined)[];
  readonly measured: Readonly<Record<number, Value>>;
}

/** A graph that computes outputs. */
export function evaluationGraph(model: CoveredModel, entry: Entry): Uint8Array {
  const graph = new Graph();
  const { features, weights } = commonInputs(graph, model, entry);
  const emitted = emitLayers(graph, model, false, features, weights);
  const { outputs } = model.loss.compiled(graph, emitted.outputs, model.outputs);
  graph.output(port.outputs, outputs, [batch, model.outputs]);
  return graph.bytes();
}

/**
 * A graph that is one whole training step: forward, loss, backward, optimizer. The loss gradient is multiplied by the
 * input `seed`: 1 / samples, or -rate / samples for plain SGD, whose step then is a single addition that joins the
 * matrix product of the gradient.
 */
export function trainingGraph(
  model: CoveredModel,
  optimizer: Optimizer,
  shape: StepShape,
  entry: Entry,
): Uint8Array {
  const graph = new Graph();
  const { features, weights } = commonInputs(graph, model, entry);
  const targets = graph.input(port.targets, [batch, model.outputs]);
  const seed = graph.input(port.seed, []);
  const { gradients, measured, ...emitted } = emitLayers(graph, model, true, features, weights);
  const { outputs, gradient } = model.loss.compiled(graph, emitted.outputs, model.outputs);
  graph.output(port.outputs, outputs, [batch, model.outputs]);

  const scalars = new Map<string, Value>();
  const scalar = (name: string) => {
    const known = scalars.get(name) ?? graph.input(name, []);
    scalars.set(name, known);
    return known;
  };
  const shaped = shapeGradients(graph, model, shape, weights, gradients(gradient(targets, seed)), scalar);
  const fused = stepsByAddition(optimizer, shape);
  for (const [i, { shape: dims }] of model.weights.entries()) {
    const weight = weights[i]!;
    const g = shaped[i];
    const slots =
      g && !fused
        ? Array.from({ length: optimizer.slots }, (_, k) => graph.input(port.slot(k, i), dims))
        : [];
    const moved = !g
      ? { weight: measured[i] ?? weight, slots: [] }
      : fused
        ? { weight: g.addedTo(weight), slots: [] }
        : optimizer.compiled(graph, weight, g, slots, scalar);
    graph.output(port.newWeight(i), moved.weight, dims);
    for (const [k, slot] of moved.slots.entries()) graph.output(port.newSlot(k, i), slot, dims);
  }
  return graph.bytes();
}

/** True where the whole step is: weight plus seeded gradient. */
export function stepsByAddition(optimizer: Optimizer, { decays, clips, isProximal }: StepShape): boolean {
  return optimizer.isPlain && !decays && !clips && !isProximal;
}

/** The features as the first layer that computes wants them, and the weights. */
function commonInputs(graph: Graph, model: CoveredModel, entry: Entry) {
  const shape = entryShape(model);
  const stored = graph.input(port.features, [batch, ...shape], entry === 'floats' ? 'float32' : 'uint8');
  // Images come in channels last, as they are stored, and are convolved channels first.
  const isStoredImage = shape.length === 3 && shape === model.inputShape;
  const placed = isStoredImage ? graph.op('Transpose', [stored], { perm: [0, 3, 1, 2] }) : stored;
  return {
    features: entry === 'floats' ? placed : scaled(graph, placed, entry),
    weights: model.weights.map(({ shape }, i) => graph.input(port.weight(i), shape)),
  };
}

/** Floats of bytes, operation by operation what `byteTable` is. */
function scaled(graph: Graph, bytes: Value, entry: Entry): Value {
  const share = graph.op('DequantizeLinear', [bytes, graph.scalar(1 / 255)]);
  if (entry === 'bytes') return share;
  const centred = graph.op('Sub', [share, graph.input(port.mean, [])]);
  return graph.op('Div', [centred, graph.input(port.deviation, [])]);
}

/** The order of a tensor's dimensions inside the graph. */
export function graphShape(shape: readonly number[]): readonly number[] {
  return shape.length === 3 ? [shape[2]!, shape[0]!, shape[1]!] : shape;
}

function emitLayers(
  graph: Graph,
  model: CoveredModel,
  training: boolean,
  features: Value,
  weights: readonly Value[],
): Emitted {
  let value = features;
  const layers = model.layers[0]?.reshapes ? model.layers.slice(1) : model.layers;
  let used = 0;
  let masks = 0;
  const measured: Record<number, Value> = {};
  const passed = layers.map((layer) => {
    const first = used;
    used += layer.weights.length;
    const drops = training && layer.dropRate !== undefined && layer.dropRate > 0;
    const mask = drops
      ? graph.input(port.mask(masks++), [batch, ...graphShape(layer.outputShape)])
      : undefined;
    const pass: Pass = { graph, training, mask };
    const forward = layer.forward(pass, value, weights.slice(first, used));
    value = forward.y;
    for (const [i, now] of Object.entries(forward.measured ?? {})) measured[first + Number(i)] = now;
    return { layer, first, forward };
  });
  const firstTrainable = passed.findIndex(({ layer }) => layer.weights.length > 0);
  const gradients = (dOutputs: Value) => {
    const all: (Gradient | undefined)[] = model.weights.map(() => undefined);
    let dy: Value | undefined = dOutputs;
    for (let i = passed.length - 1; i >= 0 && dy !== undefined; i--) {
      const { layer, first, forward } = passed[i]!;
      const backward = forward.backward(dy, i > firstTrainable);
      for (const k of layer.weights.keys()) all[first + k] = backward.gradients[k];
      dy = backward.dx;
    }
    return all;
  };
  return { outputs: value, gradients, measured };
}

/** Adds weight decay and FedProx's term, then clips: what every optimizer sees as the gradient. */
function shapeGradients(
  graph: Graph,
  model: CoveredModel,
  { decays, clips, isProximal }: StepShape,
  weights: readonly Value[],
  gradients: readonly (Gradient | undefined)[],
  scalar: (name: string) => Value,
): (Gradient | undefined)[] {
  if (!decays && !clips && !isProximal) return [...gradients];
  const plain = (value: Value): Gradient => ({
    value: () => value,
    addedTo: (tensor) => graph.op('Add', [tensor, value]),
  });
  const sums = gradients.map((gradient, i) => {
    if (!gradient) return undefined;
    let sum = gradient.value();
    const add = (term: Value) => (sum = graph.op('Add', [sum, term]));
    if (decays) add(graph.op('Mul', [weights[i]!, scalar('weightDecay')]));
    if (isProximal) {
      const anchor = graph.input(port.anchor(i), model.weights[i]!.shape);
      add(graph.op('Mul', [graph.op('Sub', [weights[i]!, anchor]), scalar('proximal')]));
    }
    return sum;
  });
  if (!clips) return sums.map((sum) => sum && plain(sum));
  const squares = sums
    .filter((sum) => sum !== undefined)
    .map((sum) => graph.op('ReduceSumSquare', [sum], { keepdims: 0 }));
  const norm = graph.op('Sqrt', [squares.length > 1 ? graph.op('Sum', squares) : squares[0]!]);
  const limit = scalar('clipNorm');
  const factor = graph.op('Div', [limit, graph.op('Max', [norm, limit])]);
  return sums.map((sum) => sum && plain(graph.op('Mul', [sum, factor])));
}
