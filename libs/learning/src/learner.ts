import { availableParallelism } from 'node:os';
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { checkShard, type Shard } from '#libs/data';
import { Fault } from '#libs/fault';
import { openEngine, type BackendChoice } from './engine/open.ts';
import type { BackendName } from './engine/engine.ts';
import { parseHyper, type Hyper, type HyperInput } from './hyper.ts';
import type { Loss } from './losses/index.ts';
import type { ModelDescription } from './model/model.ts';
import { placeWeights } from './model/weights-manifest.ts';
import { createOptimizer } from './optimizers/index.ts';
import { layoutSize, type Layout, type Parameters } from './parameters.ts';
import { faultOf, type Answer, type WorkerStart } from './pool/messages.ts';
import { evaluateRecipes, scoringWork, type Ask } from './pool/spread.ts';
import { scoreUpdates, type Scored, type ScoringRequest } from './scoring/score.ts';
import { shared } from './shared.ts';
import type { Evaluation } from './training/evaluate.ts';
import type { TrainingProgress, TrainingState } from './training/train.ts';

export interface LearnerOptions {
  readonly model: ModelDescription;
  /** `auto`: compiled, and tfjs where a layer is not covered. */
  readonly backend?: BackendChoice;
  /** Worker threads; as many as cores when absent. Results do not depend on it. */
  readonly workers?: number;
}

export interface TrainingRequest {
  readonly parameters: Parameters;
  readonly shard: Shard;
  readonly hyper: HyperInput;
  /** Identifies order of examples and dropout: the run's seed, round and Trainer. */
  readonly seed: number | string;
  /** From the training that this one continues; a proximal term pulls towards `parameters` all the same. */
  readonly state?: TrainingState;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

export interface Trained {
  readonly parameters: Parameters;
  readonly state: TrainingState;
  /** Examples seen, counted as often as they were. */
  readonly samples: number;
  /** Means over the last epoch, each batch measured before its step. Accuracy is absent in regression. */
  readonly loss: number;
  readonly accuracy: number | undefined;
}

/**
 * Trains and evaluates one model on a pool of worker threads. Trainings run one to a thread and side by side; an
 * evaluation is cut into parts and spread over all of them. The same requests give the same bytes, whatever the number
 * of threads.
 */
export interface Learner {
  readonly model: ModelDescription;
  readonly backend: BackendName;
  /** Library and version, for the manifest. */
  readonly version: string;
  /** One line where the backend is not the default one. */
  readonly notice: string | undefined;
  readonly layout: Layout;
  readonly workers: number;
  /** The weights that came with the model, or fresh ones. */
  initialise(seed: number | string): Promise<Parameters>;
  /** @throws Fault `DATA_UNSUITABLE`, `OPTION_INVALID`, `MODEL_INVALID`, before any training */
  train(request: TrainingRequest): Promise<Trained>;
  /** Every candidate on the same examples, in one go. @throws Fault `DATA_UNSUITABLE`, `MODEL_INVALID` */
  evaluate(candidates: readonly Parameters[], shard: Shard): Promise<Evaluation[]>;
  /**
   * What a Validator makes of a round's updates, O(updates x parameters) but for aggregators that sort or compare.
   * Nothing may write to what shares memory with the request before the answer is there.
   *
   * @throws Fault `DATA_UNSUITABLE`, `MODEL_INVALID`, `OPTION_INVALID`
   */
  score(request: ScoringRequest): Promise<Scored>;
  close(): Promise<void>;
}

// From source in development and tests, built otherwise: the worker is the neighbour of this file, in its language.
const workerFile = new URL(`./pool/worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
  .href;

/** Opens a model; every mistake in it shows here. @throws Fault `MODEL_INVALID`, `MODEL_NOT_COVERED`, `OPTION_INVALID` */
export async function openLearner(options: LearnerOptions): Promise<Learner> {
  const { model, backend: choice = 'auto', workers = availableParallelism() } = options;
  checkWorkers(workers);
  const { engine, notice } = await openEngine(model, choice);
  const { layout, inputShape, outputs, loss, backend, version } = engine;
  const { weights, ...description } = model;
  const given = weights && placeWeights(weights, layout, model.name);
  const closing = new Int32Array(new SharedArrayBuffer(4));
  const workerData: WorkerStart = { description, backend, closing };
  const pool = new Piscina({
    filename: workerFile,
    workerData,
    // Threads start when there is work for them, and stay.
    minThreads: 1,
    maxThreads: workers,
    idleTimeout: Infinity,
    // Blocking a waiting thread on a lock, Piscina's default, would also block ONNX Runtime's callbacks in it.
    atomics: 'disabled',
  });

  let isClosed = false;
  const isAbout = `the learner of ${model.name} is closed`;
  const underWay = new Set<Promise<unknown>>();

  const ask: Ask = async (task, transferList) => {
    if (isClosed) throw new Error(isAbout); // Piscina would start new threads.
    const running = pool.run(task, transferList ? { transferList } : {});
    underWay.add(running);
    const answer = (await running
      .catch((cause: unknown) => {
        throw isClosed ? new Error(isAbout, { cause }) : died(cause);
      })
      .finally(() => underWay.delete(running))) as Answer<typeof task.kind>;
    if ('fault' in answer) throw faultOf(answer.fault);
    return answer.value;
  };

  const checked = new WeakSet<Shard>();
  const check = (shard: Shard) => {
    if (checked.has(shard)) return;
    checkShard(shard);
    checkFit(model, { inputShape, outputs, loss }, shard);
    checked.add(shard);
  };

  return {
    model,
    backend,
    version,
    notice,
    layout,
    workers,
    async initialise(seed) {
      return { layout, values: shared(given?.slice() ?? (await ask({ kind: 'initialise', seed }))) };
    },
    async train({ parameters, shard, hyper, seed, state, onProgress }) {
      check(shard);
      checkParameters(model, layout, parameters);
      const parsed = parseHyper(hyper);
      if (state) checkState(state, parsed, layout);
      const task = {
        values: shared(parameters.values),
        shard,
        hyper: parsed,
        seed,
        ...(state ? { state } : {}),
      };
      const { port1, port2 } = new MessageChannel();
      if (onProgress) port1.on('message', onProgress);
      try {
        const trained = await ask(
          { kind: 'train', task, ...(onProgress ? { progress: port2 } : {}) },
          onProgress ? [port2] : undefined,
        );
        const { values, ...rest } = trained;
        return { ...rest, parameters: { layout, values } };
      } finally {
        port1.close();
      }
    },
    async evaluate(candidates, shard) {
      check(shard);
      for (const candidate of candidates) checkParameters(model, layout, candidate);
      const recipes = candidates.map(({ values }) => ({ kind: 'values', values: shared(values) }) as const);
      return evaluateRecipes(recipes, shard, workers, ask);
    },
    async score(request) {
      check(request.holdOut);
      checkParameters(model, layout, request.base);
      for (const { delta } of request.updates) checkParameters(model, layout, { layout, values: delta });
      const inShared = {
        ...request,
        base: { layout, values: shared(request.base.values) },
        updates: request.updates.map((update) => ({ ...update, delta: shared(update.delta) })),
      };
      return scoreUpdates(inShared, scoringWork(request.holdOut, workers, ask));
    },
    async close() {
      isClosed = true;
      Atomics.store(closing, 0, 1);
      // A thread must not be ended in the middle of native code.
      await Promise.allSettled(underWay);
      await pool.destroy();
    },
  };
}

/** A thread that ended under its task is a fault of the world; what a task threw is a bug, and goes on as it is. */
function died(cause: unknown): unknown {
  const { code, message } = cause as { code?: string; message: string };
  const hasEnded =
    code === 'ERR_WORKER_OUT_OF_MEMORY' ||
    /^worker exited with code|^Terminating worker thread/i.test(message);
  if (!hasEnded) return cause;
  return new Fault('WORKER_DIED', `a worker thread ended in the middle of its task: ${message}`, {
    hint: 'Run with fewer threads (--workers 1) or smaller batches.',
    cause,
  });
}

function checkWorkers(workers: number): void {
  if (Number.isSafeInteger(workers) && workers > 0) return;
  throw new Fault('OPTION_INVALID', `workers: ${workers} is no number of threads`, {
    facts: { workers },
    hint: 'Give a whole number from 1 on; as many as cores is the default.',
  });
}

function checkParameters({ name }: ModelDescription, layout: Layout, { values }: Parameters): void {
  const size = layoutSize(layout);
  if (values.length === size) return;
  throw new Fault('MODEL_INVALID', `${name} has ${size} parameters, and ${values.length} were given`, {
    facts: { size, given: values.length },
    hint: 'These parameters belong to another model.',
  });
}

function checkState({ slots }: TrainingState, { optimizer }: Hyper, layout: Layout): void {
  const { name, slots: needed } = createOptimizer(optimizer);
  if (slots.length === needed && slots.every(({ length }) => length === layoutSize(layout))) return;
  throw new Fault(
    'OPTION_INVALID',
    `state: ${name} cannot go on from the state of another optimizer or model`,
    {
      facts: { needed, given: slots.length },
      hint: 'Go on with the optimizer that the state came from, or leave the state out.',
    },
  );
}

/** Refuses data that the model cannot read or name, with both shapes in the message. */
function checkFit(
  { name }: ModelDescription,
  { inputShape, outputs, loss }: { inputShape: readonly number[]; outputs: number; loss: Loss },
  { dataset }: Shard,
): void {
  if (inputShape.join() !== dataset.shape.join()) {
    throw new Fault(
      'MODEL_INVALID',
      `${name} reads examples of shape [${inputShape.join(', ')}] and ${dataset.name} has [${dataset.shape.join(', ')}]`,
      {
        facts: { inputShape, shape: dataset.shape },
        hint: 'Choose a model for this data, or change its batch_input_shape.',
      },
    );
  }
  const misfit = loss.misfit(outputs, dataset.classes);
  if (misfit === undefined) return;
  throw new Fault('MODEL_INVALID', `${name} does not fit ${dataset.name}: ${misfit}`, {
    facts: { outputs, classes: dataset.classes, loss: loss.name },
    hint: 'Change the units of the last layer, or the loss.',
  });
}
