import type * as core from '@tensorflow/tfjs-core';
import type * as tfLayers from '@tensorflow/tfjs-layers';
import { generator } from '#libs/random';
import { lossNamed, type Loss } from '../losses/index.ts';
import { layoutOf, layoutSize, withoutHead, type ModelDescription } from '../model/model.ts';
import type { LayerJson, Topology } from '../model/topology.ts';
import { createOptimizer } from '../optimizers/index.ts';
import type { Layout } from '../parameters.ts';
import type { Batch, BatchResult, Engine, MaskSpec, Stepper, StepperStart } from './engine.ts';
import { graphShape } from './step-graph.ts';
import { loadTfjs, type TfjsRuntime } from './tfjs-runtime.ts';
import { Fault } from '#libs/fault';

interface Built {
  readonly runtime: TfjsRuntime;
  readonly model: tfLayers.LayersModel;
  readonly loss: Loss;
  readonly layout: Layout;
  readonly weights: readonly WeightVariable[];
  readonly masks: readonly MaskSpec[];
  /** The masks of the batch under way, by dropout layer; empty outside training. */
  readonly activeMasks: core.Tensor[];
}

/** A weight as tfjs-layers keeps it; its variable is what gradients are taken for. */
interface WeightVariable {
  readonly name: string;
  readonly shape: readonly (number | null)[];
  readonly trainable: boolean;
  readonly val: core.Variable;
}

/** Any layers model that tfjs can build, by tfjs' own gradients. Also the reference of the compiled backend. */
export async function tfjsEngine(
  description: ModelDescription,
): Promise<{ engine: Engine; runtime: string }> {
  const runtime = await loadTfjs();
  const built = await build(runtime, description);
  await fallBackToCpu(built, description);
  const backend = runtime.tf.getBackend();
  const engine: Engine = {
    backend: 'tfjs',
    version: `${runtime.version} on ${backend}`,
    loss: built.loss,
    inputShape: inputShapeOf(built.model),
    outputs: built.model.outputShape.at(-1) as number,
    layout: built.layout,
    masks: built.masks,
    async initialise(seed) {
      const fresh = await withSeededRandom(generator(seed).split('weights').path, () =>
        build(runtime, description),
      );
      const values = readWeights(fresh);
      fresh.model.dispose();
      return values;
    },
    start: (start) => Promise.resolve(new TfjsStepper(built, start)),
    evaluate(values, batch) {
      writeWeights(built, values);
      return Promise.resolve(forward(built, batch));
    },
  };
  return { engine, runtime: backend };
}

async function build(
  runtime: TfjsRuntime,
  { name, topology, loss: lossName }: ModelDescription,
): Promise<Built> {
  const loss = lossNamed(lossName);
  const headless = { modelTopology: topologyWithoutHead(topology, loss, name) };
  let model: tfLayers.LayersModel;
  try {
    model = await runtime.modelFromJSON(headless as unknown as Parameters<TfjsRuntime['modelFromJSON']>[0]);
  } catch (cause) {
    throw new Fault('MODEL_INVALID', `${name}: tfjs cannot build the model: ${(cause as Error).message}`, {
      hint: 'Check the layer that the message names: sizes, strides and padding decide the shape that reaches it.',
      cause,
    });
  }
  const weights = model.layers.flatMap((layer) => layer.weights as unknown as WeightVariable[]);
  const layout = layoutOf(weights.map(({ name, shape }) => ({ name, shape: shape as number[] })));
  const activeMasks: core.Tensor[] = [];
  return {
    runtime,
    model,
    loss,
    layout,
    weights,
    masks: takeOverDropout(runtime, model, activeMasks),
    activeMasks,
  };
}

/** The output layer without the activation that the loss takes over; also in a functional model, by name. */
function topologyWithoutHead(topology: Topology, loss: Loss, place: string): Topology {
  const config = (
    Array.isArray(topology.config) ? { layers: topology.config as unknown[] } : topology.config
  ) as {
    layers: LayerJson[];
    output_layers?: [string][];
  };
  const outputName = config.output_layers?.[0]?.[0];
  const isOutput = (layer: LayerJson, i: number) =>
    outputName === undefined ? i === config.layers.length - 1 : layer.config.name === outputName;
  const layers = config.layers.map((layer, i) =>
    isOutput(layer, i) ? { ...layer, ...withoutHead(layer, loss, place) } : layer,
  );
  return { ...topology, config: { ...config, layers } };
}

/** Lets our masks, drawn from the run's seeded generator, do what tfjs' own randomness would. */
function takeOverDropout(
  { tf }: TfjsRuntime,
  model: tfLayers.LayersModel,
  active: core.Tensor[],
): MaskSpec[] {
  const specs: MaskSpec[] = [];
  for (const layer of model.layers) {
    const rate = (layer as { rate?: number }).rate ?? 0;
    if (layer.getClassName() !== 'Dropout' || rate === 0) continue;
    const i = specs.length;
    specs.push({ shape: graphShape((layer.outputShape as (number | null)[]).slice(1) as number[]), rate });
    layer.call = (inputs) => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs)!;
      return active[i] ? tf.mul(x, active[i]) : x;
    };
  }
  return specs;
}

function inputShapeOf(model: tfLayers.LayersModel): number[] {
  return model.inputs[0]!.shape.slice(1) as number[];
}

/** WebAssembly lacks some gradient kernels; one step on zeros tells before the training does. */
async function fallBackToCpu(built: Built, description: ModelDescription): Promise<void> {
  const { runtime, masks } = built;
  if (runtime.backend !== 'wasm') return;
  const values = readWeights(built);
  const width = inputShapeOf(built.model).reduce((product, d) => product * d, 1);
  const batch: Batch = {
    samples: 2,
    features: new Float32Array(2 * width),
    targets: new Float32Array(2 * (built.model.outputShape.at(-1) as number)),
    masks: masks.map(({ shape }) =>
      new Float32Array(2 * shape.reduce((product, d) => product * d, 1)).fill(1),
    ),
  };
  try {
    const gradients = trainingGradients(built, batch);
    built.runtime.tf.dispose(gradients.gradients);
    writeWeights(built, values);
  } catch (error) {
    if (!(error as Error).message.includes('not registered')) throw error;
    await runtime.tf.setBackend('cpu');
    const again = await build(runtime, description);
    Object.assign(built, again);
  }
}

/**
 * Runs something while Math.random draws from a seed: tfjs seeds its initializers and noise from there. Safe in a
 * worker thread, whose Math is its own.
 */
async function withSeededRandom<T>(seed: string, run: () => T | Promise<T>): Promise<T> {
  const random = generator(seed);
  const original = Math.random;
  Math.random = () => random.uniform();
  try {
    return await run();
  } finally {
    Math.random = original;
  }
}

function readWeights({ weights, layout }: Built): Float32Array {
  const values = new Float32Array(layoutSize(layout));
  for (const [i, { offset }] of layout.entries()) values.set(weights[i]!.val.dataSync<'float32'>(), offset);
  return values;
}

function writeWeights({ runtime: { tf }, weights, layout }: Built, values: Float32Array): void {
  tf.tidy(() => {
    for (const [i, { offset, size, shape }] of layout.entries())
      weights[i]!.val.assign(tf.tensor(values.slice(offset, offset + size), [...shape]));
  });
}

function channelsLast(tf: typeof core, mask: core.Tensor): core.Tensor {
  return mask.rank === 4 ? tf.transpose(mask, [0, 2, 3, 1]) : mask;
}

function inputs(
  { runtime: { tf }, model }: Built,
  { samples, features, targets, masks }: Batch,
  specs: readonly MaskSpec[],
) {
  const rows = (values: Float32Array, shape: readonly number[]) => {
    const size = shape.reduce((product, d) => product * d, samples);
    return tf.tensor(values.slice(0, size), [samples, ...shape]);
  };
  return {
    x: rows(features, inputShapeOf(model)),
    t: rows(targets, [model.outputShape.at(-1) as number]),
    masks: masks.map((mask, i) => channelsLast(tf, rows(mask, specs[i]!.shape))),
  };
}

function forward(built: Built, batch: Batch): BatchResult {
  const { tf } = built.runtime;
  const [losses, outputs] = tf.tidy<[core.Tensor, core.Tensor]>(() => {
    const { x, t } = inputs(built, { ...batch, masks: [] }, []);
    const y = built.model.apply(x, { training: false }) as core.Tensor;
    return [built.loss.tfjs(tf, y, t), y];
  });
  const result = { losses: losses.dataSync<'float32'>(), outputs: outputs.dataSync<'float32'>() };
  tf.dispose([losses, outputs]);
  return result;
}

function trainingGradients(
  built: Built,
  batch: Batch,
): BatchResult & { gradients: (core.Tensor | undefined)[] } {
  const { runtime, model, loss, weights, activeMasks, masks: specs } = built;
  const { tf } = runtime;
  const trainable = weights.filter((weight) => weight.trainable);
  let outputs = new Float32Array();
  const { value, grads } = tf.tidy(() => {
    const { x, t, masks } = inputs(built, batch, specs);
    activeMasks.splice(0, Infinity, ...masks);
    return tf.variableGrads(
      () => {
        const y = model.apply(x, { training: true }) as core.Tensor;
        outputs = Float32Array.from(y.dataSync<'float32'>());
        return tf.mean<core.Scalar>(loss.tfjs(tf, y, t));
      },
      trainable.map(({ val }) => val),
    );
  });
  activeMasks.length = 0;
  const losses = Float32Array.from(value.dataSync<'float32'>());
  value.dispose();
  return { losses, outputs, gradients: weights.map(({ val }) => grads[val.name]) };
}

class TfjsStepper implements Stepper {
  readonly #built: Built;
  readonly #start: StepperStart;
  readonly #optimizer: ReturnType<typeof createOptimizer>;
  readonly #anchor: Float32Array;
  readonly #slots: Float32Array[];
  readonly #random: string;

  constructor(built: Built, start: StepperStart) {
    this.#built = built;
    this.#start = start;
    this.#optimizer = createOptimizer(start.hyper.optimizer);
    this.#anchor = start.values;
    const size = layoutSize(built.layout);
    this.#slots =
      start.slots?.map((slot) => Float32Array.from(slot)) ??
      Array.from({ length: this.#optimizer.slots }, () => new Float32Array(size));
    this.#random = generator('tfjs layers').path;
    writeWeights(built, start.values);
  }

  async step(batch: Batch, step: number): Promise<BatchResult> {
    // Layers such as GaussianNoise draw from Math.random; the step's number makes that repeatable.
    const { losses, outputs, gradients } = await withSeededRandom(`${this.#random}/${step}`, () =>
      trainingGradients(this.#built, batch),
    );
    const { tf } = this.#built.runtime;
    tf.tidy(() => {
      for (const [i, gradient] of this.#shaped(gradients).entries())
        if (gradient) this.#move(i, gradient, step);
    });
    tf.dispose(gradients.filter((gradient) => gradient !== undefined));
    return { losses, outputs };
  }

  /** Weight decay, FedProx's term and clipping, as in the compiled step. */
  #shaped(gradients: readonly (core.Tensor | undefined)[]): (core.Tensor | undefined)[] {
    const { tf } = this.#built.runtime;
    const { weightDecay, proximal, clipNorm } = this.#start.hyper;
    const sums = gradients.map((gradient, i) => {
      if (!gradient) return undefined;
      const weight = this.#built.weights[i]!.val;
      const decayed = weightDecay > 0 ? tf.add(gradient, tf.mul(weight, weightDecay)) : gradient;
      if (proximal === 0) return decayed;
      return tf.add(decayed, tf.mul(tf.sub(weight, this.#tensor(this.#anchor, i)), proximal));
    });
    if (clipNorm === undefined) return sums;
    const squares = sums.flatMap((sum) => (sum ? [tf.sum(tf.square(sum))] : []));
    const norm = Math.sqrt(tf.addN(squares).dataSync<'float32'>()[0]!);
    return sums.map((sum) => sum && tf.mul(sum, clipNorm / Math.max(norm, clipNorm)));
  }

  #tensor(vector: Float32Array, i: number): core.Tensor {
    const { offset, size, shape } = this.#built.layout[i]!;
    return this.#built.runtime.tf.tensor(vector.slice(offset, offset + size), [...shape]);
  }

  #move(i: number, gradient: core.Tensor, step: number): void {
    const { tf } = this.#built.runtime;
    const variable = this.#built.weights[i]!.val;
    const slots = this.#slots.map((slot) => this.#tensor(slot, i));
    const moved = this.#optimizer.tfjs(tf, variable, gradient, slots, this.#optimizer.scalars(step));
    variable.assign(moved.weight);
    const { offset } = this.#built.layout[i]!;
    for (const [k, slot] of moved.slots.entries()) this.#slots[k]!.set(slot.dataSync<'float32'>(), offset);
  }

  values(): Float32Array {
    return readWeights(this.#built);
  }

  slots(): Float32Array[] {
    return this.#slots;
  }

  close(): void {
    // The model stays for the next training; nothing else is held.
  }
}
