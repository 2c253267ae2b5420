import type * as core from '@tensorflow/tfjs-core';
import type * as tfLayers from '@tensorflow/tfjs-layers';
import { Fault, nearest } from '#libs/fault';
import { lossNamed, type Loss } from '../losses/index.ts';
import { layerName, withoutHead, type ModelDescription } from '../model/model.ts';
import { layerSchema, type LayerJson, type Topology } from '../model/topology.ts';
import { layoutOf, type Layout } from '../parameters.ts';
import type { MaskSpec } from './engine.ts';
import { graphShape } from './step-graph.ts';
import type { TfjsRuntime } from './tfjs-runtime.ts';

/** A layers model, with what an engine needs to train it. */
export interface Built {
  readonly runtime: TfjsRuntime;
  readonly model: tfLayers.LayersModel;
  readonly loss: Loss;
  /** Shape of an example, and width of the output. */
  readonly inputShape: readonly number[];
  readonly outputs: number;
  readonly layout: Layout;
  readonly weights: readonly Weight[];
  readonly masks: readonly MaskSpec[];
  /** The masks of the batch under way, by dropout layer; empty outside training. */
  readonly activeMasks: core.Tensor[];
}

/** A weight as tfjs-layers keeps it; gradients are taken for `val`. */
interface LayerVariable {
  /** The layer's name and the weight's; `name` has a number more where this process built such a model before. */
  readonly originalName: string;
  readonly shape: readonly (number | null)[];
  readonly val: core.Variable;
  write(value: core.Tensor): void;
}

interface Weight {
  readonly variable: LayerVariable;
  /** False for what is measured (the averages of a normalization), and for frozen layers. */
  readonly learns: boolean;
}

/** @throws Fault `MODEL_INVALID` */
export async function build(
  runtime: TfjsRuntime,
  { name, topology, loss: lossName }: ModelDescription,
): Promise<Built> {
  const loss = lossNamed(lossName);
  const headless = { modelTopology: topologyWithoutHead(topology, loss, name) };
  let model: tfLayers.LayersModel;
  try {
    model = await runtime.modelFromJSON(headless as unknown as Parameters<TfjsRuntime['modelFromJSON']>[0]);
  } catch (cause) {
    throw cannotBuild(runtime, name, topology, cause as Error);
  }
  const variables = model.layers.flatMap((layer) => layer.weights as unknown as LayerVariable[]);
  const learning = new Set(model.trainableWeights as unknown as LayerVariable[]);
  const activeMasks: core.Tensor[] = [];
  return {
    runtime,
    model,
    loss,
    ...endsOf(model, name),
    layout: layoutOf(distinctlyNamed(variables)),
    weights: variables.map((variable) => ({ variable, learns: learning.has(variable) })),
    masks: takeOverDropout(runtime, model, activeMasks),
    activeMasks,
  };
}

/** Input and output of a model that reads one tensor of a known shape and gives one vector an example. */
function endsOf({ inputs, outputs, layers }: tfLayers.LayersModel, place: string) {
  const shown = (tensors: typeof inputs) =>
    tensors.map(({ shape }) => `[${shape.slice(1).join(', ')}]`).join(' and ');
  const refuse = (what: string, needed: string) =>
    new Fault('MODEL_INVALID', `${place}: ${what}; needed is ${needed}`, {
      hint: 'A learner trains models that read one tensor of a known shape and give one vector an example.',
    });
  const empty = layers.find(({ outputShape }) => outputShape.some((d) => typeof d === 'number' && d < 1));
  if (empty) {
    const shape = (empty.outputShape as (number | null)[]).slice(1).join(', ');
    throw new Fault('MODEL_INVALID', `${place}: layer "${empty.name}" would give shape [${shape}]`, {
      hint: 'Its window is larger than what reaches it; check sizes, strides and padding before it.',
    });
  }
  const isKnown = (shape: readonly (number | null)[]): shape is number[] => shape.every((d) => d !== null);
  const input = inputs[0]?.shape.slice(1);
  const output = outputs[0]?.shape.slice(1);
  if (inputs.length !== 1 || !input || !isKnown(input))
    throw refuse(`its input is ${shown(inputs)}`, 'one, with a number for every dimension but the first');
  if (outputs.length !== 1 || output?.length !== 1 || !isKnown(output))
    throw refuse(`its output is ${shown(outputs)}`, 'one vector');
  return { inputShape: input, outputs: output[0]! };
}

/** Names as in the topology; a layer that holds two weights of one name numbers the second. */
function distinctlyNamed(variables: readonly LayerVariable[]): { name: string; shape: number[] }[] {
  const seen = new Map<string, number>();
  return variables.map(({ originalName, shape }) => {
    const before = seen.get(originalName) ?? 0;
    seen.set(originalName, before + 1);
    return { name: before === 0 ? originalName : `${originalName}_${before}`, shape: shape as number[] };
  });
}

/**
 * The topology with every layer named, and the output layer (in a functional model, by its name) without the activation
 * that the loss takes over.
 */
function topologyWithoutHead(topology: Topology, loss: Loss, place: string): Topology {
  const config = (
    Array.isArray(topology.config) ? { layers: topology.config as unknown[] } : topology.config
  ) as { layers?: LayerJson[]; output_layers?: [string | [string]] } | undefined;
  if (!Array.isArray(config?.layers)) {
    throw new Fault(
      'MODEL_INVALID',
      `${place}: its topology (${topology.class_name}) has no list of layers`,
      {
        hint: 'config.layers must be a list of { class_name, config }.',
      },
    );
  }
  const wrong = config.layers.findIndex((layer) => !layerSchema.safeParse(layer).success);
  if (wrong >= 0) {
    throw new Fault('MODEL_INVALID', `${place}: layer ${wrong} is not { class_name, config }`, {
      hint: 'The topology is damaged; write it again with model.toJSON() or model.to_json().',
    });
  }
  // Keras 3 writes the one output of a model without the list around it.
  const stated = config.output_layers?.[0];
  const outputName = typeof stated === 'string' ? stated : stated?.[0];
  const isOutput = (layer: LayerJson, i: number) =>
    outputName === undefined ? i === config.layers!.length - 1 : layer.config.name === outputName;
  const layers = config.layers.map((layer, i) => {
    const named = { ...layer, config: { ...layer.config, name: layerName(layer, i) } };
    return isOutput(layer, i) ? withoutHead(named, loss, placeOf(place, layer, i)) : named;
  });
  return { ...topology, config: { ...config, layers } };
}

function placeOf(model: string, layer: LayerJson, position: number): string {
  return `${model}: layer ${position} "${layerName(layer, position)}" (${layer.class_name})`;
}

/** What tfjs could not do, in one sentence; a name that it does not know with the layer that holds it and the nearest. */
function cannotBuild({ tf }: TfjsRuntime, name: string, { config }: Topology, cause: Error): Fault {
  const [what] = cause.message.split('\n');
  const [, kind, unknown] = /^Unknown (\w+): ([^\s.]+)/.exec(cause.message) ?? [];
  if (kind === undefined || unknown === undefined) {
    return new Fault('MODEL_INVALID', `${name}: tfjs cannot build the model: ${what}`, {
      hint: 'Check the layer that the message names: sizes, strides and padding decide the shape that reaches it.',
      cause,
    });
  }
  const layers = (Array.isArray(config) ? config : (config as { layers: unknown }).layers) as LayerJson[];
  const position = layers.findIndex((layer) => mentions(layer, unknown));
  const place = position < 0 ? name : placeOf(name, layers[position]!, position);
  const known = Object.keys(tf.serialization.SerializationMap.getMap().classNameMap);
  const near = nearest(unknown, known);
  return new Fault('MODEL_INVALID', `${place}: there is no ${kind} "${unknown}"`, {
    facts: { [kind]: unknown },
    hint: near ? `Did you mean "${near}"?` : `Only the ${kind}s of Keras that tfjs has can be trained.`,
    cause,
  });
}

/** True where a value anywhere inside is this name; tfjs reads snake_case as camelCase. */
function mentions(json: unknown, name: string): boolean {
  if (typeof json === 'string')
    return json === name || json.replace(/_(\w)/g, (_, c: string) => c.toUpperCase()) === name;
  return (
    typeof json === 'object' && json !== null && Object.values(json).some((inner) => mentions(inner, name))
  );
}

/** Lets our masks, drawn from the run's seeded generator, do what tfjs' own randomness would. */
function takeOverDropout(
  { tf }: TfjsRuntime,
  model: tfLayers.LayersModel,
  active: core.Tensor[],
): MaskSpec[] {
  const specs: MaskSpec[] = [];
  for (const layer of model.layers) {
    const { rate = 0, noiseShape } = layer as { rate?: number; noiseShape?: unknown };
    // A noise shape drops whole groups of values together; that stays with tfjs, seeded like its other noise.
    if (layer.getClassName() !== 'Dropout' || rate === 0 || noiseShape) continue;
    const i = specs.length;
    specs.push({ shape: graphShape((layer.outputShape as (number | null)[]).slice(1) as number[]), rate });
    layer.call = (inputs) => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs)!;
      return active[i] ? tf.mul(x, active[i]) : x;
    };
  }
  return specs;
}
