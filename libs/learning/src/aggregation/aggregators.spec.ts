import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aggregatorNames, aggregatorOf, type AggregatorSpec, type Candidate, weightScale } from './index.ts';
import { candidate, merge, mergedValues, round } from './rounds.fixture.ts';

/** Every aggregator with options that a round of seven updates meets. */
const specs: readonly AggregatorSpec[] = [
  { name: 'weightedMean', weights: 'equal' },
  { name: 'weightedMean', weights: 'trustTimesSamples', discounts: [1_000_000_000, 500_000_000] },
  { name: 'coordinateMedian' },
  { name: 'trimmedMean', hostile: 2 },
  { name: 'krum', hostile: 2 },
  { name: 'multiKrum', hostile: 1, keep: 3 },
  { name: 'multiKrum', hostile: 2, weights: 'samples' },
  { name: 'normClipping', bound: 'median', of: { name: 'weightedMean', weights: 'trust' } },
  { name: 'normClipping', bound: 3, of: { name: 'krum', hostile: 2 } },
];
const cases = specs.map((spec) => ({ spec, name: aggregatorOf(spec).name }));

/** What bytes say: NaN equals itself and -0 is not 0. */
const bytes = (values: Float32Array) =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex');

const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const smallInteger = fc.integer({ min: -1024, max: 1024 });

/** n candidates of `length` values each, with weights of all kinds. */
function candidates(n: number, length: number, value: fc.Arbitrary<number>): fc.Arbitrary<Candidate[]> {
  const one = fc.record({
    delta: fc.array(value, { minLength: length, maxLength: length }),
    samples: fc.integer({ min: 1, max: 100_000 }),
    trust: fc.integer({ min: 1, max: weightScale }),
    staleness: fc.nat(3),
  });
  return fc
    .array(one, { minLength: n, maxLength: n })
    .map((all) => all.map(({ delta, ...weights }, i) => candidate(i, delta, weights)));
}

const permuted = <T>(items: readonly T[], keys: readonly number[]) =>
  items
    .map((item, i) => ({ item, key: keys[i]! }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);

test('every aggregator in the registry is in this suite', () => {
  expect(new Set(specs.map(({ name }) => name))).toEqual(new Set(aggregatorNames));
});

/** Rules whose result at a coordinate depends on that coordinate alone. */
const coordinateWise = new Set(['weightedMean', 'coordinateMedian', 'trimmedMean']);

describe.each(cases)('$name', ({ spec }) => {
  const bound = spec.name === 'normClipping' ? spec.bound : undefined;

  test('the order in which updates arrive does not change a bit', () => {
    const shuffled = fc.tuple(
      candidates(7, 9, float),
      fc.array(fc.integer(), { minLength: 7, maxLength: 7 }),
    );
    fc.assert(
      fc.property(shuffled, ([all, keys]) => {
        const straight = merge(spec, all);
        const other = merge(spec, permuted(all, keys));
        expect(bytes(other.delta)).toBe(bytes(straight.delta));
        expect(other.selected).toEqual(straight.selected);
      }),
    );
  });

  test.runIf(bound === undefined || bound === 'median')('updates that agree are the result', () => {
    fc.assert(
      fc.property(fc.array(float, { minLength: 1, maxLength: 9 }), (delta) => {
        const all = Array.from({ length: 7 }, (_, i) => candidate(i, delta));
        const values = merge(spec, all).delta;
        // Negative zeros become zeros in a sum.
        expect([...values].map((value) => value + 0)).toEqual(
          [...Float32Array.from(delta)].map((value) => value + 0),
        );
      }),
    );
  });

  test('scaling by a power of two scales the result, bit for bit', () => {
    const power = fc.constantFrom(-4, -1, -0.5, 0.125, 2, 64);
    fc.assert(
      fc.property(candidates(7, 9, smallInteger), power, (all, by) => {
        const scaledSpec = typeof bound === 'number' ? { ...spec, bound: bound * Math.abs(by) } : spec;
        const scaled = all.map((one) => ({ ...one, delta: one.delta.map((value) => value * by) }));
        const expected = mergedValues(spec, all).map((value) => value * by + 0);
        expect(mergedValues(scaledSpec, scaled).map((value) => value + 0)).toEqual(expected);
      }),
    );
  });

  test.runIf(spec.name !== 'normClipping')('moving every update by a vector moves the result by it', () => {
    const shift = fc.array(smallInteger, { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(candidates(7, 9, smallInteger), shift, (all, by) => {
        const moved = all.map((one) => ({ ...one, delta: one.delta.map((value, i) => value + by[i]!) }));
        const before = mergedValues(spec, all);
        mergedValues(spec, moved).forEach((value, i) => {
          expect(Math.abs(value - (before[i]! + by[i]!))).toBeLessThanOrEqual(1e-3);
        });
      }),
    );
  });

  test('the input is left as it was, and the result shares no memory with it', () => {
    fc.assert(
      fc.property(candidates(7, 9, float), (all) => {
        const before = all.map(({ delta }) => bytes(delta));
        merge(spec, all).delta.fill(42);
        expect(all.map(({ delta }) => bytes(delta))).toEqual(before);
      }),
    );
  });

  test.runIf(coordinateWise.has(spec.name))(
    'a coordinate does not depend on where the blocks of a kernel end',
    () => {
      // Two models of the same updates: long, and one value longer than a multiple of every block.
      const value = (i: number, k: number) => ((i * 31 + k * 17) % 101) - 50;
      const rows = (from: number, to: number) =>
        Array.from({ length: 7 }, (_, i) =>
          candidate(
            i,
            Float32Array.from({ length: to - from }, (_, k) => value(i, from + k)),
          ),
        );
      const whole = merge(spec, rows(0, 4097)).delta;
      const parts = [merge(spec, rows(0, 1000)).delta, merge(spec, rows(1000, 4097)).delta].flatMap(
        (part) => [...part],
      );
      expect([...whole]).toEqual(parts);
    },
  );

  test('every update that cannot be merged is refused by name', () => {
    const notFinite = fc.constantFrom(NaN, Infinity, -Infinity);
    fc.assert(
      fc.property(candidates(7, 9, float), fc.nat(6), fc.nat(8), notFinite, (all, i, at, value) => {
        all[i]!.delta[at] = value;
        expect(aggregatorOf(spec).merge(all)).toMatchObject({
          kind: 'refused',
          code: 'NOT_FINITE',
          reason: `update 0 of "trainer-${i}" holds a value that is not finite at parameter ${at}`,
          facts: { actor: `trainer-${i}`, parameter: at, value: String(value) },
        });
      }),
    );
  });
});

describe('a round that cannot be merged', () => {
  const mean = aggregatorOf({ name: 'weightedMean', weights: 'trustTimesSamples' });

  test('is empty', () => {
    expect(mean.merge([])).toMatchObject({ kind: 'refused', code: 'NO_UPDATES' });
  });

  test('has the same update twice', () => {
    const twice = [candidate(1, [1]), candidate(2, [1]), candidate(1, [3])];
    expect(mean.merge(twice)).toMatchObject({
      code: 'DUPLICATE_UPDATE',
      facts: { actor: 'trainer-1', sequence: 0 },
    });
    const later = [candidate(1, [1]), candidate(1, [3], { sequence: 1 })];
    expect(mean.merge(later)).toMatchObject({ kind: 'merged', delta: new Float32Array([2]) });
  });

  test('has deltas of different lengths', () => {
    expect(mean.merge(round([1, 2], [1, 2, 3]))).toMatchObject({
      code: 'LENGTH_DIFFERS',
      reason: 'update 0 of "trainer-1" has 3 parameters, update 0 of "trainer-0" has 2',
    });
  });

  test.each([
    ['samples', 1.5],
    ['samples', -1],
    ['trust', weightScale + 1],
    ['trust', NaN],
    ['staleness', 2 ** 53],
    ['sequence', -1],
  ])('has %s of %d', (field, value) => {
    expect(mean.merge([candidate(0, [1], { [field]: value })])).toMatchObject({
      code: 'WEIGHT_INVALID',
      facts: { actor: 'trainer-0', field, value },
    });
  });

  test('weighs nothing', () => {
    const all = [candidate(0, [1], { trust: 0 }), candidate(1, [1], { samples: 0 })];
    expect(mean.merge(all)).toMatchObject({ code: 'NO_WEIGHT', facts: { updates: 2 } });
  });

  test('names the actor in a way that a log can hold', () => {
    const outcome = mean.merge([{ ...candidate(0, [NaN]), actor: `a\n"${'b'.repeat(500)}` }]);
    expect(outcome).toMatchObject({ code: 'NOT_FINITE' });
    expect(outcome).toHaveProperty(
      'reason',
      expect.stringMatching(/^update 0 of "a\\n\\"b{77}\.\.\." holds/),
    );
  });
});

describe('requirements', () => {
  const needs: [AggregatorSpec, number][] = [
    [{ name: 'weightedMean', weights: 'equal' }, 1],
    [{ name: 'coordinateMedian' }, 1],
    [{ name: 'trimmedMean', hostile: 2 }, 5],
    [{ name: 'krum', hostile: 2 }, 7],
    [{ name: 'multiKrum', hostile: 2 }, 7],
    [{ name: 'multiKrum', hostile: 2, keep: 4 }, 8],
    [{ name: 'normClipping', bound: 1, of: { name: 'krum', hostile: 1 } }, 5],
  ];
  test.each(needs)('%o needs %d updates', (spec, needed) => {
    const of = (n: number) =>
      aggregatorOf(spec).merge(Array.from({ length: n }, (_, i) => candidate(i, [i])));
    expect(of(needed).kind).toBe('merged');
    if (needed === 1) return;
    expect(of(needed - 1)).toMatchObject({
      kind: 'refused',
      code: 'REQUIREMENT',
      facts: { updates: needed - 1 },
    });
    expect(aggregatorOf(spec).requirement(needed - 1)?.reason).toContain(`at least ${needed} updates`);
    expect(aggregatorOf(spec).requirement(needed)).toBeUndefined();
  });

  test.each<AggregatorSpec>([
    { name: 'krum', hostile: -1 },
    { name: 'trimmedMean', hostile: 0.5 },
    { name: 'multiKrum', hostile: 1, keep: 0 },
    { name: 'normClipping', bound: 0, of: { name: 'coordinateMedian' } },
    { name: 'normClipping', bound: NaN, of: { name: 'coordinateMedian' } },
    { name: 'weightedMean', weights: 'equal', discounts: [] },
    { name: 'weightedMean', weights: 'equal', discounts: [1, 0.5] },
    { name: 'multiKrum', hostile: 1, discounts: [-1] },
  ])('%o has no use at any number of updates', (spec) => {
    expect(aggregatorOf(spec).requirement(1000)).toMatchObject({ kind: 'refused', code: 'REQUIREMENT' });
  });
});
