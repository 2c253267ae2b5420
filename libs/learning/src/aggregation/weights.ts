import { refused } from '../refusal.ts';
import { type AggregationRefusal, type Candidate, weightScale } from './candidate.ts';

/** What an update weighs by: `equal` ignores its Trainer, `samples` is FedAvg's, `trust` FLoBC's. */
export type Weighting = 'equal' | 'samples' | 'trust' | 'trustTimesSamples';

export interface WeightOptions {
  readonly weights: Weighting;
  /**
   * Integers in [0, 1e9]: the factor, scaled by 1e9, for staleness 0, 1, 2 ...; the last one holds for all beyond.
   * Without it staleness does not count. A table, because powers differ between machines: {@link stalenessDiscounts}.
   */
  readonly discounts?: readonly number[];
}

/** One sentence, if the options cannot be used. */
export function weightProblem({ discounts }: WeightOptions): string | undefined {
  if (discounts === undefined) return undefined;
  const wrong = discounts.findIndex(
    (factor) => !Number.isInteger(factor) || factor < 0 || factor > weightScale,
  );
  if (discounts.length === 0) return 'the table of staleness discounts is empty';
  if (wrong === -1) return undefined;
  return `the discount for staleness ${wrong} is ${discounts[wrong]}, not an integer from 0 to ${weightScale}`;
}

/**
 * Integers in [0, 1e9], one a candidate, in proportion to (trust) x (samples) x (discount), the greatest being 1e9.
 *
 * The product is taken in `bigint`, so it is exact, and only its ratio to the greatest is rounded (down): a factor that
 * all candidates share does not change a bit of the merge. Refused: `NO_WEIGHT`, where every product is zero.
 */
export function weightsOf(
  candidates: readonly Candidate[],
  { weights, discounts }: WeightOptions,
): Float64Array | AggregationRefusal {
  const products = candidates.map(({ trust, samples, staleness }) => {
    const factors = {
      equal: 1n,
      samples: BigInt(samples),
      trust: BigInt(trust),
      trustTimesSamples: BigInt(trust) * BigInt(samples),
    };
    const discount = discounts?.[Math.min(staleness, discounts.length - 1)] ?? weightScale;
    return factors[weights] * BigInt(discount);
  });
  const greatest = products.reduce((a, b) => (a > b ? a : b), 0n);
  if (greatest === 0n) {
    return refused('NO_WEIGHT', `all ${candidates.length} updates have weight zero (${weights})`, {
      weights,
      updates: candidates.length,
    });
  }
  return Float64Array.from(products, (product) => Number((product * BigInt(weightScale)) / greatest));
}

/**
 * The table of (1 + s)^-a for s = 0 ... length - 1, scaled by 1e9 and rounded down: FedAsync's polynomial discount (Xie,
 * Koyejo, Gupta 2019, section 5.2); a = 1/2 is FedBuff's (Nguyen et al. 2022). Exponents are quarters, because
 * square roots and products round alike on every machine and `Math.pow` does not.
 */
export function stalenessDiscounts(
  exponent: 0 | 0.25 | 0.5 | 0.75 | 1 | 1.25 | 1.5 | 1.75 | 2,
  length: number,
): number[] {
  return Array.from({ length }, (_, staleness) => {
    const versions = 1 + staleness;
    let power = 1;
    let rest: number = exponent;
    for (; rest >= 1; rest -= 1) power *= versions;
    if (rest >= 0.5) power *= Math.sqrt(versions);
    if (rest % 0.5 > 0) power *= Math.sqrt(Math.sqrt(versions));
    return Math.floor(weightScale / power);
  });
}
