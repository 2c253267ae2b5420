import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  deviation,
  estimate,
  gini,
  hedgesG,
  mean,
  median,
  ranks,
  spearman,
  studentInterval,
  studentQuantile,
} from './index.ts';
import { incompleteBeta, logGamma, studentCdf } from './student.ts';

describe("Student's distribution", () => {
  // Abramowitz and Stegun, table 26.10, and the NIST/SEMATECH handbook, 1.3.6.7.2.
  test.each([
    [1, 12.706205],
    [2, 4.302653],
    [3, 3.182446],
    [4, 2.776445],
    [9, 2.262157],
    [19, 2.093024],
    [100, 1.983972],
    [1e6, 1.959966],
  ])('97.5 %% with %d degrees of freedom is %d', (df, t) => {
    expect(studentQuantile(0.975, df)).toBeCloseTo(t, 5);
  });

  test('with one degree of freedom it is that of Cauchy', () => {
    for (const p of [0.01, 0.3, 0.5, 0.9, 0.999])
      expect(studentQuantile(p, 1)).toBeCloseTo(Math.tan(Math.PI * (p - 0.5)), 8);
  });

  test('quantile and distribution are inverse', () => {
    const p = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(p, fc.integer({ min: 1, max: 200 }), (probability, df) => {
        expect(studentCdf(studentQuantile(probability, df), df)).toBeCloseTo(probability, 9);
      }),
    );
  });

  test('its parts', () => {
    expect(logGamma(10)).toBeCloseTo(Math.log(362_880), 10);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 10);
    // I_x(2, 3) = 6x^2 - 8x^3 + 3x^4
    for (const x of [0.1, 0.5, 0.8])
      expect(incompleteBeta(x, 2, 3)).toBeCloseTo(6 * x ** 2 - 8 * x ** 3 + 3 * x ** 4, 12);
  });
});

describe('intervals', () => {
  test('of a mean, by hand', () => {
    // n = 5, mean 3, s = sqrt(2.5): 2.776445 * 1.581139 / sqrt(5)
    expect(studentInterval([1, 2, 3, 4, 5])).toBeCloseTo(1.963243, 5);
    expect(estimate([1, 2, 3, 4, 5])).toMatchObject({ n: 5, mean: 3, least: 1, most: 5 });
  });

  test('of one value there is none, and of equal ones it is nothing', () => {
    expect(studentInterval([7])).toBeNaN();
    expect(studentInterval([7, 7, 7])).toBe(0);
  });

  test('hold the mean 95 times in 100', () => {
    // A generator of its own, so that the count is the same every time: sums of twelve uniform draws are about normal.
    let state = 1;
    const uniform = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const normal = () => Array.from({ length: 12 }, uniform).reduce((a, b) => a + b) - 6;
    let held = 0;
    for (let i = 0; i < 2000; i++) {
      const { low, high } = estimate(Array.from({ length: 5 }, normal));
      if (low <= 0 && 0 <= high) held++;
    }
    expect(held / 2000).toBeGreaterThan(0.935);
    expect(held / 2000).toBeLessThan(0.965);
  });
});

test('moments', () => {
  expect(mean([2, 4, 9])).toBe(5);
  expect(deviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(2.13809, 5);
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

describe("Hedges' g", () => {
  test('by hand', () => {
    // Means 5 and 3, both with s = 1 and n = 3: d = 2; J(4) = Gamma(2) / (sqrt(2) Gamma(1.5)) = 0.797885
    expect(hedgesG([4, 5, 6], [2, 3, 4])).toBeCloseTo(2 * 0.797885, 5);
  });

  test('changes its sign with the sides, and nothing with shift and scale', () => {
    const side = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 3, maxLength: 9 });
    fc.assert(
      fc.property(side, side, (a, b) => {
        const g = hedgesG(a, b);
        fc.pre(!Number.isNaN(g));
        expect(hedgesG(b, a)).toBeCloseTo(-g, 9);
        const moved = (all: readonly number[]) => all.map((x) => 3 * x + 7);
        expect(hedgesG(moved(a), moved(b))).toBeCloseTo(g, 9);
      }),
    );
  });

  test('is not there where there is nothing to measure it by', () => {
    expect(hedgesG([1], [1, 2])).toBeNaN();
    expect(hedgesG([1, 1], [2, 2])).toBeNaN();
  });
});

describe("Spearman's correlation", () => {
  test('IQ and hours of television, a textbook example: -29/165', () => {
    const iq = [106, 86, 100, 101, 99, 103, 97, 113, 112, 110];
    const hours = [7, 0, 27, 50, 28, 29, 20, 12, 6, 17];
    expect(spearman(iq, hours)).toBeCloseTo(-29 / 165, 12);
  });

  test('equal values share their ranks', () => {
    expect(ranks([10, 20, 20, 5])).toEqual([2, 3.5, 3.5, 1]);
    expect(spearman([1, 2, 2, 3], [1, 2, 2, 3])).toBeCloseTo(1, 12);
  });

  test('sees order only', () => {
    const all = fc.uniqueArray(fc.integer({ min: -300, max: 300 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(all, (x) => {
        expect(
          spearman(
            x,
            x.map((value) => Math.exp(value / 100)),
          ),
        ).toBeCloseTo(1, 9);
        expect(
          spearman(
            x,
            x.map((value) => -(value ** 3)),
          ),
        ).toBeCloseTo(-1, 9);
      }),
    );
  });

  test('a side that does not vary has none', () => {
    expect(spearman([1, 1, 1], [1, 2, 3])).toBeNaN();
    expect(spearman([1, NaN, 2], [1, 2, 3])).toBeNaN();
  });
});

describe("Gini's coefficient", () => {
  test('known values', () => {
    expect(gini([5, 5, 5])).toBeCloseTo(0, 12);
    expect(gini([0, 0, 0, 8])).toBeCloseTo(3 / 4, 12);
    expect(gini([1, 2, 3, 4])).toBeCloseTo(0.25, 12);
    expect(gini([0, 0])).toBe(0);
  });

  test('is half the mean difference of all pairs over the mean', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 12 }), (x) => {
        const pairs = x.flatMap((a) => x.map((b) => Math.abs(a - b)));
        const expected = mean(x) === 0 ? 0 : mean(pairs) / 2 / mean(x);
        expect(gini(x)).toBeCloseTo(expected, 9);
      }),
    );
  });
});
