import type { Rule } from './aggregator.ts';
import type { Candidate } from './candidate.ts';

export interface NormClippingOptions {
  /** Greatest Euclidean norm of a delta: a number > 0, or `median`: the lower median of this round's norms. */
  readonly bound: number | 'median';
}

/**
 * Scales every delta longer than the bound C down to it, `delta / max(1, ||delta|| / C)`, and hands them to another rule
 * (Sun et al. 2019, "Can You Really Backdoor Federated Learning?", section 3, norm thresholding; the median as bound from Geyer et
 * al. 2017, "Differentially Private Federated Learning: A Client Level Perspective"). Requires what the other rule
 * requires. Bounds what a liar can do, not how often: over the mean, f of n move it by at most 2fC / n.
 */
export function normClipping({ bound }: NormClippingOptions, rule: Rule): Rule {
  const name = `normClipping(bound=${bound}, ${rule.name})`;
  const usable = bound === 'median' || (Number.isFinite(bound) && bound > 0);
  return {
    name,
    requirement: (n) =>
      usable ? rule.requirement(n) : `${name}: the bound has to be a finite number > 0 or "median"`,
    apply(candidates) {
      const norms = Float64Array.from(candidates, ({ delta }) => norm(delta));
      const limit = bound === 'median' ? norms.toSorted()[(norms.length - 1) >> 1]! : bound;
      return rule.apply(candidates.map((candidate, i) => clipped(candidate, norms[i]!, limit)));
    },
  };
}

function clipped(candidate: Candidate, norm: number, limit: number): Candidate {
  if (norm <= limit) return candidate;
  const factor = limit / norm;
  const delta = new Float32Array(candidate.delta.length);
  for (let i = 0; i < delta.length; i++) delta[i] = candidate.delta[i]! * factor;
  return { ...candidate, delta };
}

/** Euclidean norm; four sums in float64, combined in one order. The square of a float32 cannot overflow them. */
function norm(delta: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < delta.length; i += 4) {
    a += delta[i]! * delta[i]!;
    b += delta[i + 1]! * delta[i + 1]!;
    c += delta[i + 2]! * delta[i + 2]!;
    d += delta[i + 3]! * delta[i + 3]!;
  }
  for (; i < delta.length; i++) a += delta[i]! * delta[i]!;
  return Math.sqrt(a + b + c + d);
}
