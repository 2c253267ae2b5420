import type { z } from 'zod';
import { Fault } from '#libs/fault';
import { generator } from '#libs/random';
import { lossNamed, type Loss } from '../losses/index.ts';
import { layoutOf, layoutSize, type Layout, type Parameters } from '../parameters.ts';
import { initialise } from './initializers.ts';
import { layerKinds } from './layers/index.ts';
import type { Layer, LayerKind, NotCovered, Shape, ShapeProblem, WeightSpec } from './layers/layer.ts';
import { sequentialLayers, statedInputShape, type LayerJson, type Topology } from './topology.ts';
import type { GivenTensor } from './weights-manifest.ts';

/** What identifies a model: plain data, so that it can be sent to worker threads and into a manifest. */
export interface ModelDescription {
  readonly name: string;
  /** Topology in the JSON of Keras and tfjs. */
  readonly topology: Topology;
  readonly loss: string;
  /** Weights that came with the model; otherwise they are drawn. */
  readonly weights?: readonly GivenTensor[];
}

/** A sequential model whose every layer the compiled backend covers. */
export interface CoveredModel {
  readonly name: string;
  readonly loss: Loss;
  readonly inputShape: Shape;
  /** Width of the output. */
  readonly outputs: number;
  /** Without the last activation where the loss takes it over. */
  readonly layers: readonly Layer[];
  readonly weights: readonly WeightSpec[];
  readonly layout: Layout;
}

/** The layer that keeps a model from the compiled backend, and why. */
export interface Uncovered {
  readonly layer: string;
  readonly reason: string;
}

/**
 * The last layer without the activation that the loss computes together with itself. Losses on probabilities are
 * defined on softmax or sigmoid outputs; a model without an activation at its end gives logits and stays as it is.
 */
export function withoutHead(last: LayerJson, loss: Loss, place: string): LayerJson {
  const own = last.config.activation;
  const head = last.class_name === 'Softmax' ? 'softmax' : typeof own === 'string' ? own : 'linear';
  if (!loss.head || head === 'linear') return last;
  if (head !== loss.head) {
    throw new Fault(
      'MODEL_INVALID',
      `${place}: the last layer ends in ${head}; ${loss.name} needs ${loss.head} or linear`,
      {
        facts: { head, loss: loss.name },
        hint: `Change the last activation, or choose another loss than ${loss.name}.`,
      },
    );
  }
  const class_name = last.class_name === 'Softmax' ? 'Activation' : last.class_name;
  return { ...last, class_name, config: { ...last.config, activation: 'linear' } };
}

/** Layers that pass probabilities on as they are: an activation before them would reach the loss unseen. */
const passive = new Set(['Flatten', 'Reshape', 'Dropout', 'InputLayer']);
const nested = new Set(['Sequential', 'Functional', 'Model', 'TimeDistributed', 'Bidirectional']);

/** Refuses a model whose last activation the loss cannot see, where it would be applied twice. */
export function checkHead(layers: readonly LayerJson[], loss: Loss, place: string): void {
  if (!loss.head) return;
  const end = layers.findLast(({ class_name }) => !passive.has(class_name));
  if (!end || (end === layers.at(-1) && !nested.has(end.class_name))) return;
  const own = end.config.activation;
  const isOpen =
    !nested.has(end.class_name) && end.class_name !== 'Softmax' && (own === undefined || own === 'linear');
  if (isOpen) return;
  throw new Fault(
    'MODEL_INVALID',
    `${place}: ${loss.name} cannot see the last activation, in "${end.config.name ?? end.class_name}"`,
    {
      hint: 'End the model in the layer with that activation, not nested and with nothing after it; or end it in logits.',
    },
  );
}

/** A layer's own name, or one by its position: the same in every process, unlike those that tfjs would give. */
export function layerName(layer: LayerJson, position: number): string {
  return layer.config.name ?? `${layer.class_name.toLowerCase()}_${position}`;
}

/** Reads a model for the compiled backend. What is wrong is a Fault that names the layer; what is not covered, a value. */
export function coverModel({ name, topology, loss: lossName }: ModelDescription): CoveredModel | Uncovered {
  const loss = lossNamed(lossName);
  const json = sequentialLayers(topology, name);
  if (!json) return { layer: topology.class_name, reason: 'only Sequential models are covered' };
  checkHead(json, loss, name);
  checkNames(json, name);
  const inputShape = statedInputShape(json);
  if (!inputShape) {
    throw new Fault('MODEL_INVALID', `${name}: the first layer does not state its input shape`, {
      hint: 'Give batch_input_shape, such as [null, 28, 28, 1], with a number for every dimension but the first.',
    });
  }
  const named = json.map((entry, i) => ({
    entry,
    name: layerName(entry, i),
    label: `layer ${i} "${layerName(entry, i)}" (${entry.class_name})`,
  }));
  const last = named.at(-1)!;
  named[named.length - 1] = { ...last, entry: withoutHead(last.entry, loss, `${name}: ${last.label}`) };
  const layers: Layer[] = [];
  let shape: Shape = inputShape;
  for (const { entry, name: own, label } of pooledFirst(named)) {
    if (entry.class_name === 'InputLayer') continue;
    const layer = readLayer(entry, own, shape, `${name}: ${label}`);
    if ('notCovered' in layer) return { layer: label, reason: layer.notCovered };
    layers.push(layer);
    shape = layer.outputShape;
  }
  if (shape.length !== 1)
    return { layer: layers.at(-1)?.name ?? name, reason: `an output of shape [${shape.join(', ')}]` };
  const weights = layers.flatMap((layer) => layer.weights);
  return { name, loss, inputShape, outputs: shape[0]!, layers, weights, layout: layoutOf(weights) };
}

interface NamedEntry {
  readonly entry: LayerJson;
  readonly name: string;
  /** What messages call it. */
  readonly label: string;
}

/**
 * The maximum of what relu passes is what relu passes of the maximum: so a relu in a convolution before a maximum moves
 * behind it, where a quarter of the values is left.
 */
function pooledFirst(entries: readonly NamedEntry[]): NamedEntry[] {
  return entries.flatMap((one, i) => {
    const [before, after] = [entries[i - 1], entries[i + 1]];
    const linear = { ...one.entry, config: { ...one.entry.config, activation: 'linear' } };
    if (after && isReluThenMaximum(one, after)) return [{ ...one, entry: linear }];
    if (!before || !isReluThenMaximum(before, one)) return [one];
    const relu: LayerJson = { class_name: 'Activation', config: { activation: 'relu' } };
    return [one, { ...before, entry: relu, name: `${before.name}/relu` }];
  });
}

function isReluThenMaximum({ entry }: NamedEntry, { entry: next }: NamedEntry): boolean {
  return (
    entry.class_name === 'Conv2D' && entry.config.activation === 'relu' && next.class_name === 'MaxPooling2D'
  );
}

function checkNames(layers: readonly LayerJson[], place: string): void {
  const names = layers.map(layerName);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new Fault('MODEL_INVALID', `${place}: two layers are called "${twice}"`, {
    hint: 'Give every layer a name of its own.',
  });
}

function readLayer(entry: LayerJson, name: string, inputShape: Shape, place: string): Layer | NotCovered {
  const kind = layerKinds.get(entry.class_name) as LayerKind | undefined;
  if (!kind) return { notCovered: `the compiled backend has no ${entry.class_name}` };
  const config = kind.config.safeParse(entry.config);
  if (!config.success) return configProblem(config.error, place);
  const layer = kind.create(name, config.data, inputShape);
  if (isShapeProblem(layer)) {
    throw new Fault(
      'MODEL_INVALID',
      `${place}: ${layer.shapeProblem}; its input has shape [${inputShape.join(', ')}]`,
      {
        facts: { inputShape },
        hint: 'Check the layers before it: sizes, strides and padding decide the shape that reaches this one.',
      },
    );
  }
  return layer;
}

function isShapeProblem(layer: Layer | NotCovered | ShapeProblem): layer is ShapeProblem {
  return 'shapeProblem' in layer;
}

/** What a configuration asks for beyond the compiled backend is not covered; what makes no sense is a Fault. */
function configProblem(error: z.ZodError, place: string): NotCovered {
  const problems = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  const uncovered = error.issues.every(({ message }) => message.includes('not covered'));
  if (uncovered) return { notCovered: problems.join('; ') };
  throw new Fault('MODEL_INVALID', `${place}: ${problems.join('; ')}`, {
    facts: { problems },
    hint: 'The configuration of a layer is what Keras writes; compare it with the JSON of model.to_json().',
  });
}

/** Fresh weights. Each tensor has a generator of its own, so that a layer more does not change the others. */
export function drawWeights(model: CoveredModel, seed: number | string): Parameters {
  const values = new Float32Array(layoutSize(model.layout));
  const random = generator(seed).split('weights');
  for (const [i, slot] of model.layout.entries()) {
    const into = values.subarray(slot.offset, slot.offset + slot.size);
    initialise(into, slot.shape, model.weights[i]!.initializer, random.split(slot.name));
  }
  return { layout: model.layout, values };
}
