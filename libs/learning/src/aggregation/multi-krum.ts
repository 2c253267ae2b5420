import type { Rule } from './aggregator.ts';
import { hostileProblem, type HostileOptions } from './hostile.ts';
import { byScore } from './krum.ts';
import { weightedMean } from './weighted-mean.ts';
import type { WeightOptions } from './weights.ts';

export interface MultiKrumOptions extends HostileOptions, Partial<WeightOptions> {
  /** How many updates are averaged, m of the papers; as many as are allowed, n - f - 2, where it is not given. */
  readonly keep?: number;
}

/**
 * The mean of the m updates with the smallest Krum scores (Blanchard et al. 2017), by default all
 * weighing the same. Requires n >= 2f + 3 and 1 <= m <= n - f - 2, the greatest m for which resilience is shown
 * (Damaskinos et al. 2019, "AggregaThor"). O(n^2) a parameter.
 */
export function multiKrum({ hostile, keep, weights = 'equal', discounts }: MultiKrumOptions): Rule {
  const name = `multiKrum(hostile=${hostile}${keep === undefined ? '' : `, keep=${keep}`}, weights=${weights})`;
  const mean = weightedMean(discounts ? { weights, discounts } : { weights });
  return {
    name,
    requirement(n) {
      if (keep !== undefined && !(Number.isSafeInteger(keep) && keep >= 1))
        return `${name}: keep has to be an integer >= 1`;
      const needed = keep === undefined ? 0 : hostile + 2 + keep;
      return (
        mean.requirement(n) ??
        hostileProblem(name, hostile, n, 2 * hostile + 3, '2f + 3') ??
        hostileProblem(name, hostile, n, needed, 'f + 2 + keep')
      );
    },
    apply(candidates) {
      const kept = new Set(byScore(candidates, hostile).slice(0, keep ?? candidates.length - hostile - 2));
      // Filtered, not taken in order of score: sums are taken in the order of the keys.
      return mean.apply(candidates.filter((candidate) => kept.has(candidate)));
    },
  };
}
