import * as ort from 'onnxruntime-node';
import { drawWeights, type CoveredModel } from '../model/model.ts';
import { layoutSize, type Layout } from '../parameters.ts';
import { createOptimizer } from '../optimizers/index.ts';
import {
  shapeScalars,
  stepShape,
  type Batch,
  type BatchResult,
  type Engine,
  type MaskSpec,
  type Stepper,
  type StepperStart,
} from './engine.ts';
import { evaluationGraph, graphShape, port, stepsByAddition, trainingGraph } from './step-graph.ts';

const sessionOptions: ort.InferenceSession.SessionOptions = {
  // One session per worker thread, one core each: two threads in one session scale worse than two sessions.
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
};

type Feeds = Record<string, ort.Tensor>;

/** One ONNX graph a step, run by ONNX Runtime's CPU library. */
export function compiledEngine(model: CoveredModel): Engine {
  const sessions = new Map<string, Promise<ort.InferenceSession>>();
  const session = (key: string, build: () => Uint8Array) => {
    const known = sessions.get(key) ?? ort.InferenceSession.create(build(), sessionOptions);
    sessions.set(key, known);
    return known;
  };
  const masks = dropoutMasks(model);

  return {
    backend: 'compiled',
    version: `onnxruntime-node ${ort.env.versions.node ?? 'unknown'}`,
    loss: model.loss,
    inputShape: model.inputShape,
    outputs: model.outputs,
    layout: model.layout,
    masks,
    initialise: (seed) => Promise.resolve(drawWeights(model, seed).values),
    async start(start) {
      const optimizer = createOptimizer(start.hyper.optimizer);
      const shape = stepShape(start.hyper);
      const key = JSON.stringify([optimizer.name, shape]);
      return new CompiledStepper(
        model,
        await session(key, () => trainingGraph(model, optimizer, shape)),
        start,
      );
    },
    async evaluate(values, batch) {
      const evaluation = await session('evaluation', () => evaluationGraph(model));
      const feeds = { ...batchFeeds(model, batch), ...tensors(model.layout, values, port.weight) };
      return results(await evaluation.run(feeds));
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

function batchFeeds(model: CoveredModel, { samples, features, targets, masks }: Batch): Feeds {
  const rows = (values: Float32Array, shape: readonly number[]) => {
    const size = shape.reduce((product, d) => product * d, samples);
    return new ort.Tensor('float32', values.subarray(0, size), [samples, ...shape]);
  };
  const feeds: Feeds = {
    [port.features]: rows(features, model.inputShape),
    [port.targets]: rows(targets, [model.outputs]),
  };
  const specs = masks.length > 0 ? dropoutMasks(model) : [];
  for (const [i, mask] of masks.entries()) feeds[port.mask(i)] = rows(mask, specs[i]!.shape);
  return feeds;
}

function results(output: ort.InferenceSession.OnnxValueMapType): BatchResult {
  return {
    losses: (output[port.losses] as ort.TypedTensor<'float32'>).data,
    outputs: (output[port.outputs] as ort.TypedTensor<'float32'>).data,
  };
}

/** Flat vectors of the weights and of each optimizer slot, with their tensors as inputs and as outputs of a step. */
class Side {
  readonly values: Float32Array;
  readonly slots: Float32Array[];
  readonly inputs: Feeds;
  readonly outputs: Feeds;

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
  readonly #session: ort.InferenceSession;
  readonly #start: StepperStart;
  readonly #optimizer: ReturnType<typeof createOptimizer>;
  readonly #fused: boolean;
  readonly #scalars = new Map<string, ort.Tensor>();
  readonly #inputNames: ReadonlySet<string>;
  readonly #anchors: Feeds;
  #now: Side;
  #next: Side;

  constructor(model: CoveredModel, session: ort.InferenceSession, start: StepperStart) {
    const size = layoutSize(model.layout);
    this.#model = model;
    this.#session = session;
    this.#start = start;
    this.#optimizer = createOptimizer(start.hyper.optimizer);
    this.#fused = stepsByAddition(this.#optimizer, stepShape(start.hyper));
    this.#inputNames = new Set(session.inputNames);
    const zeros = () => Array.from({ length: this.#optimizer.slots }, () => new Float32Array(size));
    const slots = start.slots?.map((vector) => Float32Array.from(vector)) ?? zeros();
    this.#now = new Side(model, Float32Array.from(start.values), slots);
    this.#next = new Side(model, new Float32Array(size), zeros());
    this.#anchors = start.hyper.proximal > 0 ? this.#anchor() : {};
  }

  #anchor(): Feeds {
    const all = tensors(this.#model.layout, Float32Array.from(this.#start.values), port.anchor);
    return Object.fromEntries(Object.entries(all).filter(([name]) => this.#inputNames.has(name)));
  }

  async step(batch: Batch, step: number): Promise<BatchResult> {
    const { hyper } = this.#start;
    const ownScalars = this.#optimizer.scalars(step);
    const rate = hyper.optimizer.learningRate;
    this.#feed(port.seed, this.#fused ? -rate / batch.samples : 1 / batch.samples);
    for (const [name, value] of Object.entries({ ...ownScalars, ...shapeScalars(hyper) }))
      this.#feed(name, value);
    const feeds = {
      ...batchFeeds(this.#model, batch),
      ...this.#now.inputs,
      ...this.#anchors,
      ...Object.fromEntries(this.#scalars),
    };
    const fetches = { ...this.#next.outputs, [port.losses]: null, [port.outputs]: null };
    const output = await this.#session.run(feeds, fetches);
    [this.#now, this.#next] = [this.#next, this.#now];
    return results(output);
  }

  #feed(name: string, value: number): void {
    if (!this.#inputNames.has(name)) return;
    const known = this.#scalars.get(name);
    if (known) (known.data as Float32Array)[0] = value;
    else this.#scalars.set(name, new ort.Tensor('float32', Float32Array.of(value), []));
  }

  values(): Float32Array {
    return this.#now.values;
  }

  slots(): Float32Array[] {
    return this.#now.slots;
  }
}
