import type { Shard } from '#libs/data';
import { generator } from '#libs/random';
import type { Engine } from '../engine/engine.ts';
import type { Hyper } from '../hyper.ts';
import { BatchBuffer } from './batch.ts';

/** What a training needs to go on as if it had never stopped. */
export interface TrainingState {
  /** Epochs and optimizer steps done. */
  readonly epochs: number;
  readonly steps: number;
  /** The optimizer's vectors, each of the model's size. */
  readonly slots: readonly Float32Array[];
}

export interface TrainingTask {
  readonly values: Float32Array;
  readonly shard: Shard;
  readonly hyper: Hyper;
  /** Identifies order and dropout; a Trainer's, not a worker's. */
  readonly seed: number | string;
  readonly state?: TrainingState;
}

export interface TrainingProgress {
  /** Of this training, and seen so far. */
  readonly samplesTotal: number;
  readonly samples: number;
  /** Mean over the samples since the last report. */
  readonly loss: number;
}

export interface TrainingResult {
  readonly values: Float32Array;
  readonly state: TrainingState;
  /** Examples seen, counted as often as they were. */
  readonly samples: number;
  /** Means over the last epoch, each batch measured before its step. Accuracy is absent in regression. */
  readonly loss: number;
  readonly accuracy: number | undefined;
}

const millisecondsBetweenReports = 100;

/**
 * Trains on a shard: the same order, batches and dropout whatever the backend and the thread.
 * @param beforeBatch Ends the training by throwing.
 */
export async function train(
  engine: Engine,
  { values, shard, hyper, seed, state }: TrainingTask,
  report?: (progress: TrainingProgress) => void,
  beforeBatch?: () => void,
): Promise<TrainingResult> {
  const count = shard.indices.length;
  const perEpoch = Math.min(count, (hyper.maxBatches ?? Infinity) * hyper.batchSize);
  const buffer = new BatchBuffer(engine, shard, hyper.batchSize, engine.masks);
  const stepper = await engine.start({ values, slots: state?.slots, hyper, seed });
  const random = generator(seed);
  let steps = state?.steps ?? 0;
  const firstEpoch = state?.epochs ?? 0;
  let epoch = new Tally();
  let sinceReport = new Tally();
  let reported = performance.now();
  let samples = 0;

  for (let e = firstEpoch; e < firstEpoch + hyper.epochs; e++) {
    const order = random.split('order', e).permutation(count);
    const dropout = random.split('dropout', e);
    epoch = new Tally();
    for (let from = 0; from < perEpoch; from += hyper.batchSize) {
      beforeBatch?.();
      const to = Math.min(from + hyper.batchSize, perEpoch);
      const { loss, outputs } = await stepper.step(buffer.fill(order, from, to, dropout), ++steps);
      let correct = 0;
      for (let row = 0; row < to - from; row++) {
        const named = engine.loss.predicted(outputs, row * engine.outputs, engine.outputs);
        if (named === buffer.label(order, from + row)) correct++;
      }
      epoch.add(to - from, loss, correct);
      sinceReport.add(to - from, loss, correct);
      samples += to - from;
      if (report && performance.now() - reported > millisecondsBetweenReports) {
        report({ samplesTotal: perEpoch * hyper.epochs, samples, loss: sinceReport.loss });
        reported = performance.now();
        sinceReport = new Tally();
      }
    }
  }
  const isRegression = shard.dataset.classes === 0;
  const result = {
    values: stepper.values(),
    state: { epochs: firstEpoch + hyper.epochs, steps, slots: stepper.slots() },
    samples,
    loss: epoch.loss,
    accuracy: isRegression ? undefined : epoch.correct / epoch.samples,
  };
  return result;
}

class Tally {
  samples = 0;
  correct = 0;
  #loss = 0;

  add(samples: number, meanLoss: number, correct: number): void {
    this.samples += samples;
    this.correct += correct;
    this.#loss += meanLoss * samples;
  }

  get loss(): number {
    return this.#loss / this.samples;
  }
}
