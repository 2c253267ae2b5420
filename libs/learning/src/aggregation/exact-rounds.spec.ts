import { describe, expect, test } from 'vitest';
import { aggregatorOf, type AggregatorSpec, stalenessDiscounts, weightScale } from './index.ts';
import { candidate, merge, mergedValues, round } from './rounds.fixture.ts';
import { weightsOf } from './weights.ts';

const half = weightScale / 2;

describe('rounds worked by hand', () => {
  test.each<[string, AggregatorSpec, number[]]>([
    ['equal: (2 + 4 + 12) / 3', { name: 'weightedMean', weights: 'equal' }, [6]],
    ['samples: (2 + 2 x 4 + 5 x 12) / 8', { name: 'weightedMean', weights: 'samples' }, [8.75]],
    ['trust: (2 + 4 / 2 + 12 / 2) / 2', { name: 'weightedMean', weights: 'trust' }, [5]],
    ['both: (2 + 2/2 x 4 + 5/2 x 12) / 4.5', { name: 'weightedMean', weights: 'trustTimesSamples' }, [8]],
    [
      'discounted: (2 + 4 / 4 + 12 / 4) / 1.5, the last discount holding for staleness 9',
      { name: 'weightedMean', weights: 'equal', discounts: [weightScale, weightScale / 4] },
      [4],
    ],
  ])('weighted mean by %s', (_formula, spec, expected) => {
    const all = [
      candidate(0, [2]),
      candidate(1, [4], { samples: 2, trust: half, staleness: 1 }),
      candidate(2, [12], { samples: 5, trust: half, staleness: 9 }),
    ];
    expect(mergedValues(spec, all)).toEqual(expected);
  });

  test('an update without weight is not in the mean', () => {
    const all = [candidate(0, [2]), candidate(1, [400], { trust: 0 })];
    const { delta, selected } = merge({ name: 'weightedMean', weights: 'trust' }, all);
    expect([...delta]).toEqual([2]);
    expect(selected).toEqual([{ actor: 'trainer-0', sequence: 0 }]);
  });

  test('the median of an odd round is the one in the middle, of an even one the mean of two', () => {
    const spec = { name: 'coordinateMedian' } as const;
    expect(mergedValues(spec, round([1, -5], [9, 0], [2, 7]))).toEqual([2, 0]);
    expect(mergedValues(spec, round([1, -5], [9, 0], [2, 7], [4, 1]))).toEqual([3, 0.5]);
  });

  test('the trimmed mean leaves out f at each end of every coordinate', () => {
    const all = round([1, 50], [2, 60], [6, -9], [100, 10], [-100, 30]);
    expect(mergedValues({ name: 'trimmedMean', hostile: 1 }, all)).toEqual([3, 30]);
    expect(mergedValues({ name: 'trimmedMean', hostile: 2 }, all)).toEqual([2, 30]);
  });

  // On a line: squared distances to the n - f - 2 = 2 nearest others.
  //   0: 1 + 9 = 10    1: 1 + 4 = 5    3: 4 + 9 = 13    7: 16 + 36 = 52    100: much
  const line = round([0], [1], [3], [7], [100]);

  test('Krum takes the update with the nearest neighbours', () => {
    const { delta, selected } = merge({ name: 'krum', hostile: 1 }, line);
    expect([...delta]).toEqual([1]);
    expect(selected).toEqual([{ actor: 'trainer-1', sequence: 0 }]);
  });

  test('of equal Krum scores the first by key wins, whatever the order of arrival', () => {
    const all = round([1], [-1], [3], [-3], [0], [0]);
    expect(mergedValues({ name: 'krum', hostile: 1 }, all.toReversed())).toEqual([0]);
    expect(merge({ name: 'krum', hostile: 1 }, all.toReversed()).selected).toEqual([
      { actor: 'trainer-4', sequence: 0 },
    ]);
  });

  test('Multi-Krum averages the best, by default n - f - 2 of them', () => {
    expect(mergedValues({ name: 'multiKrum', hostile: 1 }, line)).toEqual([0.5]);
    expect(mergedValues({ name: 'multiKrum', hostile: 0, keep: 3 }, line)[0]).toBeCloseTo(4 / 3, 6);
    expect(mergedValues({ name: 'multiKrum', hostile: 1, keep: 1 }, line)).toEqual([1]);
    const weighted = line.map((one, i) => ({ ...one, samples: i === 1 ? 3 : 1 }));
    expect(mergedValues({ name: 'multiKrum', hostile: 1, weights: 'samples' }, weighted)).toEqual([0.75]);
  });

  test('a delta longer than the bound is scaled down to it, a shorter one stays', () => {
    const mean = { name: 'weightedMean', weights: 'equal' } as const;
    const all = round([6, 8], [0, 1], [0, 0]); // norms 10, 1, 0
    expect(mergedValues({ name: 'normClipping', bound: 5, of: mean }, all)).toEqual([1, Math.fround(5 / 3)]);
    expect(mergedValues({ name: 'normClipping', bound: 10, of: mean }, all)).toEqual([2, 3]);
    // The median norm is 1: (0.6, 0.8), (0, 1), (0, 0); of an even number the lower one, 0, so nothing is left.
    expect(mergedValues({ name: 'normClipping', bound: 'median', of: mean }, all)).toEqual(
      [0.2, 0.6].map(Math.fround),
    );
    const even = [...all, candidate(3, [0, 0])];
    expect(mergedValues({ name: 'normClipping', bound: 'median', of: mean }, even)).toEqual([0, 0]);
  });

  test('values near the greatest float32 do not overflow on the way', () => {
    const greatest = 2 ** 128 - 2 ** 104;
    const all = Array.from({ length: 7 }, (_, i) => candidate(i, [greatest, i % 2 ? greatest : -greatest]));
    for (const spec of [
      { name: 'weightedMean', weights: 'trust' },
      { name: 'coordinateMedian' },
      { name: 'trimmedMean', hostile: 1 },
      { name: 'krum', hostile: 2 },
    ] as const) {
      expect(mergedValues(spec, all)[0]).toBe(greatest);
    }
  });

  test('a large round', () => {
    const all = Array.from({ length: 101 }, (_, i) => candidate(i, [(i * 37) % 101, -i]));
    expect(mergedValues({ name: 'coordinateMedian' }, all)).toEqual([50, -50]);
    expect(mergedValues({ name: 'trimmedMean', hostile: 49 }, all)).toEqual([50, -50]);
  });
});

describe('weights', () => {
  test('are integers in proportion, the greatest 1e9, exact where a float64 product would not be', () => {
    const all = [
      candidate(0, [0], { trust: 999_999_999, samples: 9_007_199_254_740_991 }),
      candidate(1, [0], { trust: 333_333_333, samples: 9_007_199_254_740_991 }),
      candidate(2, [0], { trust: 1, samples: 1 }),
    ];
    expect(weightsOf(all, { weights: 'trustTimesSamples' })).toEqual(new Float64Array([1e9, 333_333_333, 0]));
  });

  test('do not change by a factor that all share', () => {
    const trusts = [half, weightScale / 4];
    const weighing = (samples: number) => trusts.map((trust, i) => candidate(i, [0], { trust, samples }));
    const alone = weightsOf(weighing(1), { weights: 'trust' });
    expect(weightsOf(weighing(7), { weights: 'trustTimesSamples' })).toEqual(alone);
    expect(alone).toEqual(new Float64Array([1e9, 5e8]));
  });

  test('by staleness fall as (1 + s)^-a, rounded down', () => {
    expect(stalenessDiscounts(0.5, 4)).toEqual([1_000_000_000, 707_106_781, 577_350_269, 500_000_000]);
    expect(stalenessDiscounts(1, 4)).toEqual([1_000_000_000, 500_000_000, 333_333_333, 250_000_000]);
    expect(stalenessDiscounts(0, 2)).toEqual([1_000_000_000, 1_000_000_000]);
    const spec = {
      name: 'weightedMean',
      weights: 'equal',
      discounts: stalenessDiscounts(0.25, 1000),
    } as const;
    expect(aggregatorOf(spec).requirement(1)).toBeUndefined();
  });
});
