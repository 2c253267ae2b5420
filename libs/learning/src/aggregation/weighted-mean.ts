import type { Rule } from './aggregator.ts';
import { type Candidate, merged } from './candidate.ts';
import { weightProblem, type WeightOptions, weightsOf } from './weights.ts';

/**
 * `sum(w_i x delta_i) / sum(w_i)`: federated averaging (McMahan et al. 2017, algorithm 1, with w_i the samples), or with
 * trust as weight FLoBC's merge. Requires one update. Breakdown point 0: one liar of any weight moves it anywhere.
 */
export function weightedMean(options: WeightOptions): Rule {
  return {
    name: `weightedMean(weights=${options.weights}${options.discounts ? ', discounted' : ''})`,
    requirement: () => weightProblem(options),
    apply(candidates) {
      const weights = weightsOf(candidates, options);
      if (!(weights instanceof Float64Array)) return weights;
      const weighing = candidates.filter((_, i) => weights[i]! > 0);
      return merged(
        meanOf(
          weighing,
          weights.filter((weight) => weight > 0),
        ),
        weighing,
      );
    },
  };
}

/** Values of a block stay in the first-level cache while all candidates are added to it. */
const block = 2048;

/**
 * The weighted mean of at least one delta. Sums are float64, taken in the order of the candidates, and rounded to
 * float32 once. An integer weight of 30 bits times a float32 and the sum over any round stay far from overflow.
 */
function meanOf(candidates: readonly Candidate[], weights: Float64Array): Float32Array {
  const deltas = candidates.map(({ delta }) => delta);
  const { length } = deltas[0]!;
  const total = weights.reduce((a, b) => a + b, 0);
  const sums = new Float64Array(block);
  const mean = new Float32Array(length);
  for (let start = 0; start < length; start += block) {
    const count = Math.min(block, length - start);
    sums.fill(0);
    let i = 0;
    for (; i + 3 < deltas.length; i += 4) addFour(sums, deltas, weights, i, start, count);
    for (; i < deltas.length; i++) addOne(sums, deltas[i]!, weights[i]!, start, count);
    for (let k = 0; k < count; k++) mean[start + k] = sums[k]! / total;
  }
  return mean;
}

function addOne(sums: Float64Array, delta: Float32Array, weight: number, start: number, count: number) {
  for (let k = 0; k < count; k++) sums[k] = sums[k]! + weight * delta[start + k]!;
}

/** The same additions in the same order as four times {@link addOne}, with a quarter of the loads and stores. */
function addFour(
  sums: Float64Array,
  deltas: readonly Float32Array[],
  weights: Float64Array,
  i: number,
  start: number,
  count: number,
) {
  const [a, b, c, d] = [deltas[i]!, deltas[i + 1]!, deltas[i + 2]!, deltas[i + 3]!];
  const [u, v, w, x] = [weights[i]!, weights[i + 1]!, weights[i + 2]!, weights[i + 3]!];
  for (let k = 0; k < count; k++) {
    const at = start + k;
    sums[k] = sums[k]! + u * a[at]! + v * b[at]! + w * c[at]! + x * d[at]!;
  }
}
