import type { Rule } from './aggregator.ts';
import { merged } from './candidate.ts';
import { eachSortedTile } from './sorted-coordinates.ts';

/**
 * The median of every coordinate, of an even number the mean of the two in the middle (Yin et al. 2018, "Byzantine-Robust
 * Distributed Learning: Towards Optimal Statistical Rates", definition 1). Weights do not count. Requires one update;
 * while fewer than half are hostile, every coordinate lies between honest ones. O(n^2) a coordinate up to 48 updates.
 */
export function coordinateMedian(): Rule {
  return {
    name: 'coordinateMedian',
    requirement: () => undefined,
    apply(candidates) {
      const n = candidates.length;
      const low = (n - 1) >> 1;
      const high = n >> 1;
      const median = new Float32Array(candidates[0]!.delta.length);
      eachSortedTile(candidates, (tile, start, count) => {
        for (let k = 0; k < count; k++) median[start + k] = (tile[k * n + low]! + tile[k * n + high]!) / 2;
      });
      return merged(median, candidates);
    },
  };
}
