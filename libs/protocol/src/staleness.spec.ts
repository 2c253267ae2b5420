import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { billion } from './ids.ts';
import { ceilOf, exceeds, integerRoot } from './ratio.ts';
import { stalenessWeight } from './staleness.ts';

const ratio = fc.record({
  numerator: fc.integer({ min: 0, max: 16 }),
  denominator: fc.integer({ min: 1, max: 16 }),
});

describe('stalenessWeight', () => {
  test('is (1 + s)^-a, rounded down', () => {
    fc.assert(
      fc.property(
        ratio.filter(({ numerator, denominator }) => numerator <= 2 * denominator),
        fc.nat(1000),
        (exponent, s) => {
          const exact = billion * (1 + s) ** -(exponent.numerator / exponent.denominator);
          const weight = stalenessWeight({ kind: 'power', exponent }, s);
          // Doubles have 53 bits: they are off by less than one here, and rounding down is another one.
          expect(weight).toBeGreaterThanOrEqual(Math.floor(exact) - 1);
          expect(weight).toBeLessThanOrEqual(Math.ceil(exact) + 1);
        },
      ),
    );
    expect(stalenessWeight({ kind: 'power', exponent: { numerator: 1, denominator: 2 } }, 3)).toBe(
      500_000_000,
    );
  });

  test('is 1 up to the threshold of a hinge and falls from there', () => {
    const hinge = { kind: 'hinge', threshold: 4, slope: { numerator: 1, denominator: 2 } } as const;
    expect([0, 4, 5, 6, 24].map((s) => stalenessWeight(hinge, s))).toEqual([
      billion,
      billion,
      666_666_666,
      500_000_000,
      90_909_090,
    ]);
  });

  test('never rises with staleness, and is 1 for a fresh update', () => {
    const staleness = fc.oneof(
      fc.constant({ kind: 'constant' } as const),
      ratio.map((exponent) => ({ kind: 'power', exponent }) as const),
      fc.record({ kind: fc.constant('hinge' as const), threshold: fc.nat(10), slope: ratio }),
    );
    fc.assert(
      fc.property(staleness, fc.nat(10_000), (how, s) => {
        expect(stalenessWeight(how, 0)).toBe(billion);
        expect(stalenessWeight(how, s + 1)).toBeLessThanOrEqual(stalenessWeight(how, s));
        expect(stalenessWeight(how, s)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('ratios', () => {
  test('an integer root is the largest that fits', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 1n << 200n), fc.bigInt(1n, 12n), (n, degree) => {
        const root = integerRoot(n, degree);
        expect(root ** degree <= n && (root + 1n) ** degree > n).toBe(true);
      }),
    );
  });

  test('two thirds are not rounded', () => {
    const twoThirds = { numerator: 2, denominator: 3 };
    expect([exceeds(2n, 3n, twoThirds), exceeds(3n, 4n, twoThirds), exceeds(0n, 0n, twoThirds)]).toEqual([
      false,
      true,
      false,
    ]);
    expect([0, 1, 3, 4, 5].map((n) => ceilOf(twoThirds, n))).toEqual([0, 1, 2, 3, 4]);
  });
});
