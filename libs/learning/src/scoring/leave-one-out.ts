import { aggregatorOf, type AggregatorSpec, type Candidate } from '../aggregation/index.ts';
import { clippingLimit, type NormClippingOptions } from '../aggregation/norm-clipping.ts';
import { weightsOf, type WeightOptions } from '../aggregation/weights.ts';
import type { Recipe } from './recipe.ts';

export interface Normed {
  readonly candidate: Candidate;
  /** Euclidean norm of its delta, finite. */
  readonly norm: number;
}

export interface LeaveOneOut {
  readonly all: Recipe;
  /** One an update, in order: the merge of all others. */
  readonly without: readonly Recipe[];
}

/** Sums weighted deltas, in shared memory. */
export type Summing = (deltas: readonly Float32Array[], weights: Float64Array) => Promise<Float64Array>;

/**
 * Recipes for the merge of all updates and of all but each, by one aggregator: the given one, or the mean of equal weights
 * where the given one would not merge all of these rounds. At least one update, in order of keys.
 */
export async function leaveOneOut(
  base: Float32Array,
  updates: readonly Normed[],
  spec: AggregatorSpec,
  sum: Summing,
): Promise<LeaveOneOut> {
  const aggregator = aggregatorOf(spec);
  const n = updates.length;
  const isMet = !aggregator.requirement(n) && (n === 1 || !aggregator.requirement(n - 1));
  const used: AggregatorSpec = isMet ? spec : { name: 'weightedMean', weights: 'equal' };
  const averaging = averagingOf(used);
  if (averaging) return shares(base, updates, averaging, sum);
  const candidates = updates.map(({ candidate }) => candidate);
  const recipe = { kind: 'merge', base, aggregator: used, candidates } as const;
  return { all: recipe, without: candidates.map((_, without) => ({ ...recipe, without })) };
}

/** A weighted mean, of deltas that may be clipped before. */
interface Averaging {
  readonly weighting: WeightOptions;
  readonly bound: NormClippingOptions['bound'];
}

function averagingOf(spec: AggregatorSpec): Averaging | undefined {
  if (spec.name === 'weightedMean') return { weighting: spec, bound: Infinity };
  if (spec.name !== 'normClipping' || spec.of.name !== 'weightedMean') return undefined;
  return { weighting: spec.of, bound: spec.bound };
}

/** Above this ratio of the greatest term of a sum to the next, taking it away again would leave mostly rounding errors. */
const dominance = 2 ** 20;

/**
 * Every merge as a sum of all, less one: O(updates x parameters) together. Leaving one out can move the median of the norms
 * to a neighbour, so there are at most two sums. An update that dwarfs all others, and there can be only one, is
 * not taken away from a sum but left out of one.
 */
async function shares(
  base: Float32Array,
  updates: readonly Normed[],
  { weighting, bound }: Averaging,
  summing: Summing,
): Promise<LeaveOneOut> {
  const deltas = updates.map(({ candidate }) => candidate.delta);
  const norms = Float64Array.from(updates, ({ norm }) => norm);
  const candidates = updates.map(({ candidate }) => candidate);
  const own = weightsOf(candidates, weighting);
  // All zero means equal.
  const weights = own instanceof Float64Array ? own : new Float64Array(updates.length).fill(1);
  const total = weights.reduce((a, b) => a + b, 0);
  /** Weights that clip as well: w x min(1, limit / norm). */
  const clipped = (limit: number) =>
    weights.map((w, i) => (norms[i]! <= limit ? w : (w * limit) / norms[i]!));
  const sums = new Map<string, Promise<Float64Array>>();
  const sumOf = (limit: number, without?: number) => {
    const key = `${limit} ${without ?? ''}`;
    const others = (_: unknown, i: number) => i !== without;
    const known = sums.get(key) ?? summing(deltas.filter(others), clipped(limit).filter(others));
    sums.set(key, known);
    return known;
  };
  const all: Recipe = { kind: 'share', base, sum: await sumOf(clippingLimit(bound, norms)), total };
  const without = updates.map(async (_, i): Promise<Recipe> => {
    const left = total - weights[i]!;
    if (left === 0) return { kind: 'values', values: base };
    const limit = clippingLimit(
      bound,
      norms.filter((_, j) => j !== i),
    );
    const terms = clipped(limit);
    const isDominant = terms.every((w, j) => j === i || terms[i]! * norms[i]! > dominance * w * norms[j]!);
    if (isDominant) return { kind: 'share', base, sum: await sumOf(limit, i), total: left };
    const minus = { weight: terms[i]!, delta: deltas[i]! };
    return { kind: 'share', base, sum: await sumOf(limit), minus, total: left };
  });
  return { all, without: await Promise.all(without) };
}
