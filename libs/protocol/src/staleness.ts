import type { Staleness } from './config.ts';
import { billion } from './ids.ts';
import { integerRoot } from './ratio.ts';

const one = BigInt(billion);

/**
 * Weight of an update whose base is `versions` behind the current model, in billionths, rounded down. Powers are
 * computed as integer roots, (1 + s)^-(p/q) = floor of the q-th root of 10^(9q) / (1 + s)^p, so that every machine gets
 * the same merge.
 */
export function stalenessWeight(staleness: Staleness, versions: number): number {
  if (versions <= 0) return billion;
  switch (staleness.kind) {
    case 'constant':
      return billion;
    case 'power': {
      const p = BigInt(staleness.exponent.numerator);
      const q = BigInt(staleness.exponent.denominator);
      return Number(integerRoot(one ** q / BigInt(1 + versions) ** p, q));
    }
    case 'hinge': {
      const beyond = BigInt(Math.max(0, versions - staleness.threshold));
      const { numerator, denominator } = staleness.slope;
      return Number((one * BigInt(denominator)) / (BigInt(numerator) * beyond + BigInt(denominator)));
    }
  }
}
