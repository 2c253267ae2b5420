import type { Rule } from './aggregator.ts';
import { merged } from './candidate.ts';
import { eachSortedTile } from './sorted-coordinates.ts';

/**
 * The median of every coordinate, of an even number the mean of the two in the middle (Yin et al. 2018, "Byzantine-Robust
 * Distributed Learning: Towards Optimal Statistical Rates", definition 1). Weights do not count. Requires one update;
 * while fewer than half are hostile, every coordinate lies between honest ones.
 */
export function coordinateMedian(): Rule {
  return {
    name: 'coordinateMedian',
    requirement: () => undefined,
    apply(candidates) {
      const n = candidates.length;
      const median = new Float32Array(candidates[0]!.delta.length);
      eachSortedTile(candidates, (rows, start, count) => {
        const low = rows[(n - 1) >> 1]!;
        const high = rows[n >> 1]!;
        for (let k = 0; k < count; k++) median[start + k] = (low[k]! + high[k]!) / 2;
      });
      return merged(median, candidates);
    },
  };
}
