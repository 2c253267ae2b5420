import type * as core from '@tensorflow/tfjs-core';
import { Fault } from '#libs/fault';
import { generator } from '#libs/random';
import type { ModelDescription } from '../model/model.ts';
import { createOptimizer } from '../optimizers/index.ts';
import { layoutSize } from '../parameters.ts';
import type { Batch, BatchResult, Engine, MaskSpec, Stepper, StepperStart, StepResult } from './engine.ts';
import { build, type Built } from './tfjs-build.ts';
import { loadTfjs, type TfjsRuntime } from './tfjs-runtime.ts';

/**
 * Any layers model that tfjs can build, by tfjs' own gradients. Also the reference of the compiled backend.
 *
 * @param runtime absent: the fastest there is
 */
export async function tfjsEngine(
  description: ModelDescription,
  runtime?: TfjsRuntime,
): Promise<{ engine: Engine; runtime: string }> {
  return engineOn(runtime ?? (await loadTfjs()), description);
}

async function engineOn(runtime: TfjsRuntime, description: ModelDescription) {
  const built = await buildAndTry(runtime, description);
  const backend = runtime.tf.getBackend();
  const engine: Engine = {
    backend: 'tfjs',
    version: `${runtime.version} on ${backend}`,
    loss: built.loss,
    inputShape: built.inputShape,
    outputs: built.outputs,
    layout: built.layout,
    masks: built.masks,
    readsBytes: false,
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

/**
 * A model that has computed one gradient: a shape that does not follow shows before any training. WebAssembly must give
 * the gradient that plain JavaScript gives, or the model goes there: it has no kernel for some gradients, and tfjs 4.22
 * computes that of a normalization before a maximum wrongly on it.
 */
async function buildAndTry(runtime: TfjsRuntime, description: ModelDescription): Promise<Built> {
  const { tf } = runtime;
  const built = await withSeededRandom('trial', () => build(runtime, description));
  const values = readWeights(built);
  const gradient = await trialGradient(built, description, values);
  if (tf.getBackend() !== 'wasm') return built;
  await tf.setBackend('cpu');
  const plain = await build(runtime, description);
  const expected = await trialGradient(plain, description, values);
  if (!gradient || !expected || !agree(gradient, expected)) return plain;
  await tf.setBackend('wasm');
  plain.model.dispose();
  return built;
}

/** The gradient of a small random batch as one vector, or undefined where a kernel is missing. */
async function trialGradient(
  built: Built,
  { name }: ModelDescription,
  values: Float32Array,
): Promise<Float32Array | undefined> {
  const { tf } = built.runtime;
  writeWeights(built, values);
  try {
    const { gradients } = await withSeededRandom('trial', () => trainingGradients(built, trialBatch(built)));
    const vector = new Float32Array(values.length);
    for (const [i, { offset }] of built.layout.entries())
      vector.set(gradients[i]?.dataSync<'float32'>() ?? [], offset);
    tf.dispose(gradients.filter((gradient) => gradient !== undefined));
    return vector;
  } catch (cause) {
    const { message } = cause as Error;
    if (tf.getBackend() === 'wasm' && message.includes('not registered')) return undefined;
    throw new Fault('MODEL_INVALID', `${name}: a trial step fails: ${message.split('\n')[0]}`, {
      hint: 'Check the layers: sizes, strides and padding decide the shapes that reach them.',
      cause,
    });
  } finally {
    writeWeights(built, values);
  }
}

function trialBatch({ inputShape, outputs, masks, loss }: Built): Batch {
  const samples = 2;
  const random = generator('trial');
  const filled = (shape: readonly number[], value: () => number) =>
    Float32Array.from({ length: shape.reduce((product, d) => product * d, samples) }, value);
  const targets = new Float32Array(samples * outputs);
  for (let i = 0; i < samples; i++) loss.writeTarget(targets, i * outputs, outputs, i % Math.min(outputs, 2));
  return {
    samples,
    features: filled(inputShape, () => random.normal()),
    targets,
    masks: masks.map(({ shape }) => filled(shape, () => 1)),
  };
}

/** True where two vectors differ by rounding only. */
function agree(a: Float32Array, b: Float32Array): boolean {
  const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
  return norm(a.map((v, i) => v - b[i]!)) <= 1e-3 * norm(b);
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
  for (const [i, { offset }] of layout.entries())
    values.set(weights[i]!.variable.val.dataSync<'float32'>(), offset);
  return values;
}

function writeWeights({ runtime: { tf }, weights, layout }: Built, values: Float32Array): void {
  tf.tidy(() => {
    for (const [i, { offset, size, shape }] of layout.entries())
      weights[i]!.variable.val.assign(tf.tensor(values.slice(offset, offset + size), [...shape]));
  });
}

function channelsLast(tf: typeof core, mask: core.Tensor): core.Tensor {
  return mask.rank === 4 ? tf.transpose(mask, [0, 2, 3, 1]) : mask;
}

function inputs(
  { runtime: { tf }, inputShape, outputs }: Built,
  { samples, features, targets, masks }: Batch,
  specs: readonly MaskSpec[],
) {
  const rows = (values: Float32Array, shape: readonly number[]) => {
    const size = shape.reduce((product, d) => product * d, samples);
    return tf.tensor(values.slice(0, size), [samples, ...shape]);
  };
  return {
    x: rows(features as Float32Array, inputShape), // this engine reads no bytes
    t: rows(targets, [outputs]),
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

/** The gradients of the loss and the layers' own regularizers; the loss is their sum, as in Keras. */
function trainingGradients(
  built: Built,
  batch: Batch,
): StepResult & { gradients: (core.Tensor | undefined)[] } {
  const { runtime, model, weights, activeMasks, masks: specs } = built;
  const { tf } = runtime;
  const trainable = weights.filter((weight) => weight.learns);
  let outputs = new Float32Array();
  const { value, grads } = tf.tidy(() => {
    const { x, t, masks } = inputs(built, batch, specs);
    activeMasks.splice(0, Infinity, ...masks);
    return tf.variableGrads(
      () => {
        const y = model.apply(x, { training: true }) as core.Tensor;
        outputs = Float32Array.from(y.dataSync<'float32'>());
        return tf.addN([tf.mean<core.Scalar>(built.loss.tfjs(tf, y, t)), ...model.calculateLosses()]);
      },
      trainable.map(({ variable }) => variable.val),
    );
  });
  activeMasks.length = 0;
  const loss = value.dataSync<'float32'>()[0]!;
  value.dispose();
  return { loss, outputs, gradients: weights.map(({ variable }) => grads[variable.val.name]) };
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
    this.#random = generator(start.seed).split('tfjs layers').path;
    writeWeights(built, start.values);
  }

  async step(batch: Batch, step: number): Promise<StepResult> {
    // Layers such as GaussianNoise draw from Math.random; the step's number makes that repeatable.
    const { loss, outputs, gradients } = await withSeededRandom(`${this.#random}/${step}`, () =>
      trainingGradients(this.#built, batch),
    );
    const { tf } = this.#built.runtime;
    tf.tidy(() => {
      for (const [i, gradient] of this.#shaped(gradients).entries())
        if (gradient) this.#move(i, gradient, step);
    });
    tf.dispose(gradients.filter((gradient) => gradient !== undefined));
    return { loss, outputs };
  }

  /** Weight decay, FedProx's term and clipping, as in the compiled step. */
  #shaped(gradients: readonly (core.Tensor | undefined)[]): (core.Tensor | undefined)[] {
    const { tf } = this.#built.runtime;
    const { weightDecay, proximal, clipNorm } = this.#start.hyper;
    const sums = gradients.map((gradient, i) => {
      if (!gradient) return undefined;
      const weight = this.#built.weights[i]!.variable.val;
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
    const { variable } = this.#built.weights[i]!;
    const slots = this.#slots.map((slot) => this.#tensor(slot, i));
    const moved = this.#optimizer.tfjs(tf, variable.val, gradient, slots, this.#optimizer.scalars(step));
    variable.write(moved.weight); // which also keeps the constraints
    const { offset } = this.#built.layout[i]!;
    for (const [k, slot] of moved.slots.entries()) this.#slots[k]!.set(slot.dataSync<'float32'>(), offset);
  }

  values(): Float32Array {
    return readWeights(this.#built);
  }

  slots(): Float32Array[] {
    return this.#slots;
  }
}
