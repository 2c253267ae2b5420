import * as ort from 'onnxruntime-node';
import { exampleLength } from '#libs/data';
import type { Loss } from '../losses/index.ts';
import { drawWeights, type CoveredModel } from '../model/model.ts';
import { layoutSize, type Layout } from '../parameters.ts';
import { createOptimizer } from '../optimizers/index.ts';
import {
  shapeScalars,
  stepShape,
  type Batch,
  type Engine,
  type MaskSpec,
  type StepResult,
  type Stepper,
  type StepperStart,
} from './engine.ts';
import { openSession, type Feeds, type Session } from './session.ts';
import {
  entryShape,
  evaluationGraph,
  graphShape,
  port,
  stepsByAddition,
  trainingGraph,
  type Entry,
} from './step-graph.ts';

/** One ONNX graph a step, run by ONNX Runtime's CPU library. */
export function compiledEngine(model: CoveredModel): Engine {
  const sessions = new Map<string, Promise<Session>>();
  const session = (key: string, build: () => Uint8Array) => {
    const known = sessions.get(key) ?? openSession(build());
    sessions.set(key, known);
    return known;
  };
  const masks = dropoutMasks(model);
  const windows = new Windows(model);
  const weights = new WeakMap<Float32Array, Feeds>();

  return {
    backend: 'compiled',
    version: `onnxruntime-node ${ort.env.versions.node ?? 'unknown'}`,
    loss: model.loss,
    inputShape: model.inputShape,
    outputs: model.outputs,
    layout: model.layout,
    masks,
    readsBytes: true,
    initialise: (seed) => Promise.resolve(drawWeights(model, seed).values),
    start(start) {
      const optimizer = createOptimizer(start.hyper.optimizer);
      const shape = stepShape(start.hyper);
      const key = JSON.stringify([optimizer.name, shape]);
      const open = (entry: Entry) =>
        session(`${key} of ${entry}`, () => trainingGraph(model, optimizer, shape, entry));
      return Promise.resolve(new CompiledStepper(model, windows, open, start));
    },
    async evaluate(values, batch) {
      const window = windows.onto(batch);
      const { entry } = window;
      const evaluation = await session(`evaluation of ${entry}`, () => evaluationGraph(model, entry));
      const known = weights.get(values) ?? tensors(model.layout, values, port.weight);
      weights.set(values, known);
      await evaluation.run({ ...window.examples, ...known }, { [port.outputs]: window.outputs });
      return { losses: lossesOf(model.loss, batch, window), outputs: window.outputs.data };
    },
  };
}

function dropoutMasks({ layers }: CoveredModel): MaskSpec[] {
  return layers.flatMap(({ outputShape, dropRate }) =>
    dropRate ? [{ shape: graphShape(outputShape), rate: dropRate }] : [],
  );
}

/** Views of a flat vector as the tensors of a layout, without a copy. */
function tensors(layout: Layout, values: Float32Array, name: (i: number) => string): Feeds {
  return Object.fromEntries(
    layout.map(({ offset, size, shape }, i) => [
      name(i),
      new ort.Tensor('float32', values.subarray(offset, offset + size), shape),
    ]),
  );
}

const scalarOf = (value: number) => new ort.Tensor('float32', Float32Array.of(value), []);

/** The buffers of a batch as tensors, and where its outputs go. */
interface Window {
  readonly of: Batch;
  readonly entry: Entry;
  /** What is read of the examples, without targets and masks. */
  readonly examples: Feeds;
  readonly targets: Feeds;
  readonly outputs: ort.TypedTensor<'float32'>;
  readonly losses: Float32Array;
}

/** A caller fills the same buffers again and again; their tensors are made once, for every number of examples in them. */
class Windows {
  readonly #model: CoveredModel;
  readonly #masks: readonly MaskSpec[];
  readonly #known = new WeakMap<Batch['features'], Map<number, Window>>();

  constructor(model: CoveredModel) {
    this.#model = model;
    this.#masks = dropoutMasks(model);
  }

  onto(batch: Batch): Window {
    const { features, samples } = batch;
    const bySize = this.#known.get(features) ?? new Map<number, Window>();
    this.#known.set(features, bySize);
    const known = bySize.get(samples);
    if (known && isSame(known.of, batch)) return known;
    const made = this.#make(batch);
    bySize.set(samples, made);
    return made;
  }

  #make(batch: Batch): Window {
    const { samples, features, targets, masks, scale = { mean: 0, deviation: 1 } } = batch;
    const width = this.#model.outputs;
    const shape = [samples, ...entryShape(this.#model)];
    const floats = (values: Float32Array, each: readonly number[]) =>
      new ort.Tensor('float32', values.subarray(0, samples * exampleLength(each)), [samples, ...each]);
    const outputs = floats(new Float32Array(samples * width), [width]);
    const size = exampleLength(shape);
    const common = { of: batch, outputs, losses: new Float32Array(samples) };
    const withTargets: Record<string, ort.Tensor> = { [port.targets]: floats(targets, [width]) };
    for (const [i, mask] of masks.entries()) withTargets[port.mask(i)] = floats(mask, this.#masks[i]!.shape);
    if (features instanceof Float32Array) {
      const examples = { [port.features]: new ort.Tensor('float32', features.subarray(0, size), shape) };
      return { ...common, entry: 'floats', examples, targets: withTargets };
    }
    const bytes = { [port.features]: new ort.Tensor('uint8', features.subarray(0, size), shape) };
    const isPlain = scale.mean === 0 && scale.deviation === 1;
    if (isPlain) return { ...common, entry: 'bytes', examples: bytes, targets: withTargets };
    const scaling = { [port.mean]: scalarOf(scale.mean), [port.deviation]: scalarOf(scale.deviation) };
    return { ...common, entry: 'scaledBytes', examples: { ...bytes, ...scaling }, targets: withTargets };
  }
}

function isSame(a: Batch, b: Batch): boolean {
  return a.targets === b.targets && a.scale === b.scale && a.masks.every((mask, i) => mask === b.masks[i]);
}

function lossesOf(loss: Loss, { targets }: Batch, { outputs, losses }: Window): Float32Array {
  const width = outputs.dims[1]!;
  for (let i = 0; i < losses.length; i++) losses[i] = loss.of(outputs.data, targets, i * width, width);
  return losses;
}

interface Run {
  readonly feeds: Feeds;
  readonly fetches: Feeds;
}

/** Flat vectors of the weights and of each optimizer slot, with their tensors as inputs and as outputs of a step. */
class Side {
  readonly values: Float32Array;
  readonly slots: Float32Array[];
  readonly inputs: Feeds;
  readonly outputs: Feeds;
  /** Steps from this side into the other. */
  readonly runs = new WeakMap<Window, Run>();

  constructor({ layout, weights }: CoveredModel, values: Float32Array, slots: Float32Array[]) {
    this.values = values;
    this.slots = slots;
    const trainable = (feeds: [string, ort.Tensor][]) => feeds.filter((_, i) => weights[i]!.trainable);
    const all = (weight: (i: number) => string, slot: (k: number, i: number) => string): Feeds => ({
      ...tensors(layout, values, weight),
      ...Object.fromEntries(
        slots.flatMap((vector, k) => trainable(Object.entries(tensors(layout, vector, (i) => slot(k, i))))),
      ),
    });
    this.inputs = all(port.weight, port.slot);
    this.outputs = all(port.newWeight, port.newSlot);
  }
}

/** A step reads one side and writes the other, so that nothing is allocated and no operator sees a half-new weight. */
class CompiledStepper implements Stepper {
  readonly #model: CoveredModel;
  readonly #windows: Windows;
  readonly #open: (entry: Entry) => Promise<Session>;
  readonly #start: StepperStart;
  readonly #optimizer: ReturnType<typeof createOptimizer>;
  readonly #fused: boolean;
  readonly #scalars = new Map<string, ort.Tensor>();
  readonly #anchors: Feeds;
  #now: Side;
  #next: Side;

  constructor(
    model: CoveredModel,
    windows: Windows,
    open: (entry: Entry) => Promise<Session>,
    start: StepperStart,
  ) {
    const size = layoutSize(model.layout);
    this.#model = model;
    this.#windows = windows;
    this.#open = open;
    this.#start = start;
    this.#optimizer = createOptimizer(start.hyper.optimizer);
    this.#fused = stepsByAddition(this.#optimizer, stepShape(start.hyper));
    const zeros = () => Array.from({ length: this.#optimizer.slots }, () => new Float32Array(size));
    const slots = start.slots?.map((vector) => Float32Array.from(vector)) ?? zeros();
    this.#now = new Side(model, Float32Array.from(start.values), slots);
    this.#next = new Side(model, new Float32Array(size), zeros());
    this.#anchors =
      start.hyper.proximal > 0 ? tensors(model.layout, Float32Array.from(start.values), port.anchor) : {};
  }

  async step(batch: Batch, step: number): Promise<StepResult> {
    const window = this.#windows.onto(batch);
    const session = await this.#open(window.entry);
    this.#feedScalars(batch.samples, step);
    const { feeds, fetches } = this.#now.runs.get(window) ?? this.#planRun(window, session);
    await session.run(feeds, fetches);
    [this.#now, this.#next] = [this.#next, this.#now];
    const losses = lossesOf(this.#model.loss, batch, window);
    return {
      loss: losses.reduce((sum, loss) => sum + loss, 0) / batch.samples,
      outputs: window.outputs.data,
    };
  }

  /** What a step from this side into the other reads and writes; the same objects every time. */
  #planRun(window: Window, { inputNames }: Session): Run {
    const all: Feeds = {
      ...window.examples,
      ...window.targets,
      ...this.#now.inputs,
      ...this.#anchors,
      ...Object.fromEntries(this.#scalars),
    };
    const run = {
      feeds: Object.fromEntries(inputNames.map((name) => [name, all[name]!])),
      fetches: { ...this.#next.outputs, [port.outputs]: window.outputs },
    };
    this.#now.runs.set(window, run);
    return run;
  }

  #feedScalars(samples: number, step: number): void {
    const { hyper } = this.#start;
    const rate = hyper.optimizer.learningRate;
    this.#feed(port.seed, this.#fused ? -rate / samples : 1 / samples);
    const scalars = { ...this.#optimizer.scalars(step), ...shapeScalars(hyper) };
    for (const name in scalars) this.#feed(name, scalars[name]!);
  }

  #feed(name: string, value: number): void {
    const known = this.#scalars.get(name);
    if (known) (known.data as Float32Array)[0] = value;
    else this.#scalars.set(name, scalarOf(value));
  }

  values(): Float32Array {
    return this.#now.values;
  }

  slots(): Float32Array[] {
    return this.#now.slots;
  }
}
