import type { CoveredModel } from '../model/model.ts';
import type { Gradient, Pass } from '../model/layers/layer.ts';
import { Graph, type Value } from '../onnx/graph.ts';
import type { Optimizer } from '../optimizers/index.ts';
import type { StepShape } from './engine.ts';

/** Names of the graph's inputs and outputs. */
export const port = {
  features: 'features',
  targets: 'targets',
  seed: 'seed',
  mask: (i: number) => `mask_${i}`,
  weight: (i: number) => `weight_${i}`,
  slot: (k: number, i: number) => `slot_${k}_${i}`,
  anchor: (i: number) => `anchor_${i}`,
  newWeight: (i: number) => `new_weight_${i}`,
  newSlot: (k: number, i: number) => `new_slot_${k}_${i}`,
  losses: 'losses',
  outputs: 'outputs',
};

const batch = 'N';

interface Emitted {
  readonly outputs: Value;
  readonly gradients: (dOutputs: Value) => (Gradient | undefined)[];
  readonly measured: Readonly<Record<number, Value>>;
}

/** A graph that computes outputs and one loss per example. */
export function evaluationGraph(model: CoveredModel): Uint8Array {
  const graph = new Graph();
  const { features, targets, weights } = commonInputs(graph, model);
  const { outputs } = emitLayers(graph, model, false, features, weights);
  const { perExample } = model.loss.compiled(graph, outputs, targets, model.outputs);
  graph.output(port.losses, perExample, [batch]);
  graph.output(port.outputs, outputs, [batch, model.outputs]);
  return graph.bytes();
}

/**
 * A graph that is one whole training step: forward, loss, backward, optimizer. The loss gradient is multiplied by the
 * input `seed`: 1 / samples, or -rate / samples for plain SGD, whose step then is a single addition that joins the
 * matrix product of the gradient.
 */
export function trainingGraph(model: CoveredModel, optimizer: Optimizer, shape: StepShape): Uint8Array {
  const graph = new Graph();
  const { features, targets, weights } = commonInputs(graph, model);
  const seed = graph.input(port.seed, []);
  const { outputs, gradients, measured } = emitLayers(graph, model, true, features, weights);
  const { perExample, gradient } = model.loss.compiled(graph, outputs, targets, model.outputs);
  graph.output(port.losses, graph.op('ReduceMean', [perExample, graph.integers([0])], { keepdims: 1 }), [1]);
  graph.output(port.outputs, outputs, [batch, model.outputs]);

  const scalars = new Map<string, Value>();
  const scalar = (name: string) => {
    const known = scalars.get(name) ?? graph.input(name, []);
    scalars.set(name, known);
    return known;
  };
  const shaped = shapeGradients(graph, model, shape, weights, gradients(gradient(seed)), scalar);
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

function commonInputs(graph: Graph, model: CoveredModel) {
  return {
    features: graph.input(port.features, [batch, ...model.inputShape]),
    targets: graph.input(port.targets, [batch, model.outputs]),
    weights: model.weights.map(({ shape }, i) => graph.input(port.weight(i), shape)),
  };
}

/** Images come in channels last, as they are stored, and are convolved channels first. */
function channelsFirst(graph: Graph, shape: readonly number[], features: Value): Value {
  if (shape.length !== 3) return features;
  if (shape[2] === 1) return graph.op('Reshape', [features, graph.integers([0, 1, shape[0]!, shape[1]!])]);
  return graph.op('Transpose', [features], { perm: [0, 3, 1, 2] });
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
  let value = channelsFirst(graph, model.inputShape, features);
  let used = 0;
  let masks = 0;
  const measured: Record<number, Value> = {};
  const passed = model.layers.map((layer) => {
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
