// What merging and scoring a round cost beside the evaluations that scoring cannot do without.
import { sharedFloats, wholeShard, type Dataset, type Shard } from '#libs/data';
import {
  addDelta,
  aggregatorOf,
  loadModel,
  openLearner,
  type AggregatorSpec,
  type Learner,
  type Parameters,
  type ScoredUpdate,
} from '#libs/learning';
import { generator } from '#libs/random';

const trust: AggregatorSpec = { name: 'weightedMean', weights: 'trust' };
const mergedUpdates = 10;
const scoredUpdates = [10, 100] as const;
const holdOutSize = 1_000;

export interface RoundCosts {
  /** Milliseconds on the main thread for the weighted mean of ten updates of the 608,338 parameters, and to add it. */
  readonly merge: number;
  readonly add: number;
  /** By the number of updates: time of a leave-one-out scoring of `mlp-200` over that of evaluating as many models. */
  readonly scoring: ReadonlyMap<number, number>;
}

export async function roundCosts(test: Dataset, rounds: number): Promise<RoundCosts> {
  const large = await openLearner({ model: await loadModel('flobc-cnn'), workers: 1 });
  const costs = mergeCosts(await large.initialise(1), rounds);
  await large.close();
  const learner = await openLearner({ model: await loadModel('mlp-200'), workers: 1 });
  const holdOut = { dataset: test, indices: wholeShard(test).indices.slice(0, holdOutSize) };
  const scoring = new Map<number, number>();
  for (const n of scoredUpdates) scoring.set(n, await scoringRatio(learner, holdOut, n, rounds));
  await learner.close();
  return { ...costs, scoring };
}

function mergeCosts(base: Parameters, rounds: number): { merge: number; add: number } {
  const aggregator = aggregatorOf(trust);
  const candidates = updatesOf(base, mergedUpdates).map(({ key, delta, weight }) => ({
    ...{ actor: key, sequence: 0, delta, trust: weight, samples: 1, staleness: 0 },
  }));
  const times = Array.from({ length: rounds + 1 }, () => {
    const start = performance.now();
    const merge = aggregator.merge(candidates);
    const middle = performance.now();
    if (merge.kind === 'refused') throw new Error(merge.reason);
    addDelta(base, merge.delta);
    return { merge: middle - start, add: performance.now() - middle };
  }).slice(1);
  return { merge: median(times.map(({ merge }) => merge)), add: median(times.map(({ add }) => add)) };
}

/** Median over the rounds of scoring n updates over evaluating the n + 2 models that it evaluates. */
async function scoringRatio(learner: Learner, holdOut: Shard, n: number, rounds: number): Promise<number> {
  const base = await learner.initialise(1);
  const updates = updatesOf(base, n);
  const models = Array.from({ length: n + 2 }, () => base);
  const ratios: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    await learner.evaluate(models, holdOut);
    const middle = performance.now();
    await learner.score({ base, updates, aggregator: trust, rule: 'leaveOneOut', holdOut });
    if (round > 0) ratios.push((performance.now() - middle) / (middle - start));
  }
  return median(ratios);
}

function updatesOf({ values }: Parameters, n: number): ScoredUpdate[] {
  return Array.from({ length: n }, (_, i) => {
    const random = generator('updates').split(i);
    const delta = sharedFloats(values.length);
    for (let k = 0; k < delta.length; k++) delta[k] = 0.01 * (random.uniform() - 0.5);
    return { key: `trainer-${i}`, delta, weight: 5e8 };
  });
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
