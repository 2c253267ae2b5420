import type { RunPlan } from '../run-plan.ts';

/** Examples that a run trains on and evaluates, and what else it does that takes time. */
export interface Arithmetic {
  readonly trained: number;
  readonly evaluated: number;
  /** Signed messages and transactions of all rounds. */
  readonly acts: number;
}

/** What this machine does in a second, on one core. */
export interface Throughput {
  readonly trainedPerSecond: number;
  readonly evaluatedPerSecond: number;
}

/** Measured on the build machine: a message or transaction of a simulation, and the start of one on warm data. */
const actSeconds = 0.012;
const startSeconds = 2;

/** The bare arithmetic of a run, if all goes well: every Trainer trains in every round, and every Validator scores every update. */
export function arithmeticOf(
  plan: RunPlan,
  sizes: { readonly train: number; readonly test: number },
): Arithmetic {
  const { trainers, validators, protocol, data, learning, coordination } = plan;
  const rounds = protocol.maxRounds;
  const isVoting = coordination === 'flobc';
  const updates = protocol.sampleSize === 0 ? trainers.length : protocol.sampleSize;
  const scorers = isVoting ? Math.min(validators.length, protocol.maxCommittee) : 0;
  const heldOut = validators.length * data.samplesPerValidator;
  const shard = data.samplesPerTrainer ?? Math.floor((sizes.train - heldOut) / trainers.length);
  const { epochs, maxBatches, batchSize } = learning.hyper;
  const drawn = Math.min(data.sharePerRound * shard, (maxBatches ?? Infinity) * batchSize);
  const tested = data.testSamples ?? sizes.test;
  // Alone, every Trainer has a model that is tested.
  const models = coordination === 'alone' ? trainers.length : 1;
  // Leave-one-out evaluates the merge besides.
  const candidates = updates + 1;
  return {
    trained: rounds * updates * drawn * epochs,
    evaluated: rounds * (scorers * candidates * data.samplesPerValidator + models * tested),
    acts: isVoting ? rounds * (3 * updates + 8 * scorers) : 0,
  };
}

/** Seconds of one core. */
export function workSeconds(
  { trained, evaluated, acts }: Arithmetic,
  { trainedPerSecond, evaluatedPerSecond }: Throughput,
): number {
  return startSeconds + trained / trainedPerSecond + evaluated / evaluatedPerSecond + acts * actSeconds;
}
