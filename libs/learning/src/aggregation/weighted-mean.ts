import type { Rule } from './aggregator.ts';
import { type Candidate, merged } from './candidate.ts';
import { forWeightedSums } from './weighted-sums.ts';
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

/** The weighted mean of at least one delta, rounded to float32 once. */
function meanOf(candidates: readonly Candidate[], weights: Float64Array): Float32Array {
  const deltas = candidates.map(({ delta }) => delta);
  const { length } = deltas[0]!;
  const total = weights.reduce((a, b) => a + b, 0);
  const mean = new Float32Array(length);
  forWeightedSums(deltas, weights, 0, length, (sums, start, count) => {
    for (let k = 0; k < count; k++) mean[start + k] = sums[k]! / total;
  });
  return mean;
}
