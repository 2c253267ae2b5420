import type { Rule } from './aggregator.ts';
import type { Candidate } from './candidate.ts';
import { norm } from './norm.ts';

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
      const limit = clippingLimit(bound, norms);
      return rule.apply(candidates.map((candidate, i) => clipped(candidate, norms[i]!, limit)));
    },
  };
}

/** The bound as a number: itself, or the lower median of the norms. */
export function clippingLimit(bound: NormClippingOptions['bound'], norms: Float64Array): number {
  return bound === 'median' ? norms.toSorted()[(norms.length - 1) >> 1]! : bound;
}

function clipped(candidate: Candidate, norm: number, limit: number): Candidate {
  if (norm <= limit) return candidate;
  const factor = limit / norm;
  const delta = new Float32Array(candidate.delta.length);
  for (let i = 0; i < delta.length; i++) delta[i] = candidate.delta[i]! * factor;
  return { ...candidate, delta };
}
