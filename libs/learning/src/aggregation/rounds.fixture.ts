import { aggregatorOf, type AggregatorSpec, type Candidate, type Merge, weightScale } from './index.ts';

/** The candidate of `trainer-i`; weights that are not given are those of one honest sample. */
export function candidate(i: number, delta: ArrayLike<number>, weights: Partial<Candidate> = {}): Candidate {
  const whole = { samples: 1, trust: weightScale, staleness: 0, sequence: 0, ...weights };
  return { ...whole, actor: `trainer-${i}`, delta: Float32Array.from(delta) };
}

export const round = (...deltas: ArrayLike<number>[]) => deltas.map((delta, i) => candidate(i, delta));

/** The merge of a round that must not be refused. */
export function merge(spec: AggregatorSpec, candidates: readonly Candidate[]): Merge {
  const outcome = aggregatorOf(spec).merge(candidates);
  if (outcome.kind === 'refused') throw new Error(outcome.reason);
  return outcome;
}

export const mergedValues = (spec: AggregatorSpec, candidates: readonly Candidate[]) => [
  ...merge(spec, candidates).delta,
];

export const norm = (values: Iterable<number>) =>
  Math.sqrt([...values].reduce((sum, value) => sum + value * value, 0));
