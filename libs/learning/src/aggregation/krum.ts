import type { Rule } from './aggregator.ts';
import { type Candidate, merged } from './candidate.ts';
import { hostileProblem, type HostileOptions } from './hostile.ts';
import { squaredDistances } from './squared-distances.ts';

/**
 * The one update with the smallest score, its score being the sum of the squared distances to its n - f - 2 nearest
 * others (Blanchard et al. 2017, "Machine Learning with Adversaries: Byzantine Tolerant Gradient Descent", section 4).
 * Of equal scores the first by key wins. Weights do not count. Requires n >= 2f + 3 (proposition 4.2: 2f + 2 < n).
 * O(n^2) a parameter.
 */
export function krum({ hostile }: HostileOptions): Rule {
  const name = `krum(hostile=${hostile})`;
  return {
    name,
    requirement: (n) => hostileProblem(name, hostile, n, 2 * hostile + 3, '2f + 3'),
    apply(candidates) {
      const best = byScore(candidates, hostile)[0]!;
      return merged(best.delta.slice(), [best]);
    },
  };
}

/** Candidates from the smallest Krum score to the greatest, equal ones by key. */
export function byScore(candidates: readonly Candidate[], hostile: number): Candidate[] {
  const n = candidates.length;
  const distances = squaredDistances(candidates);
  const scored = candidates.map((candidate, i) => {
    const toOthers = distances.subarray(i * n, (i + 1) * n).toSorted();
    // The first of the sorted is the distance to itself, 0.
    const score = toOthers.subarray(1, n - hostile - 1).reduce((sum, distance) => sum + distance, 0);
    return { candidate, score };
  });
  return scored.sort((a, b) => a.score - b.score).map(({ candidate }) => candidate);
}
