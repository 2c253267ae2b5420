import type { Rule } from './aggregator.ts';
import { merged } from './candidate.ts';
import { hostileProblem, type HostileOptions } from './hostile.ts';
import { eachSortedTile } from './sorted-coordinates.ts';

/**
 * The mean of every coordinate without its f smallest and f greatest values (Yin et al. 2018, "Byzantine-Robust
 * Distributed Learning: Towards Optimal Statistical Rates", definition 2, with beta = f / n). Weights do not count.
 * Requires n >= 2f + 1; with at most f liars every coordinate lies between honest ones.
 */
export function trimmedMean({ hostile }: HostileOptions): Rule {
  const name = `trimmedMean(hostile=${hostile})`;
  return {
    name,
    requirement: (n) => hostileProblem(name, hostile, n, 2 * hostile + 1, '2f + 1'),
    apply(candidates) {
      const n = candidates.length;
      const mean = new Float32Array(candidates[0]!.delta.length);
      eachSortedTile(candidates, (rows, start, count) => {
        const kept = rows.slice(hostile, n - hostile);
        for (let k = 0; k < count; k++) {
          let sum = 0;
          for (const row of kept) sum += row[k]!;
          mean[start + k] = sum / kept.length;
        }
      });
      return merged(mean, candidates);
    },
  };
}
