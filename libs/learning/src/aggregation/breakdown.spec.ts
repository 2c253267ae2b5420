import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AggregatorSpec, Candidate } from './index.ts';
import { candidate, merge, mergedValues, norm } from './rounds.fixture.ts';

const dimensions = 3;
const vector = (value: fc.Arbitrary<number>) =>
  fc.array(value, { minLength: dimensions, maxLength: dimensions });
const vectors = (n: number, value: fc.Arbitrary<number>) =>
  fc.array(vector(value), { minLength: n, maxLength: n });

const near = fc.integer({ min: -1000, max: 1000 }).map((value) => value / 1024);
/** What a liar sends: anything finite, near the honest or as far as floats go. */
const lie = fc.oneof(near, fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(1e38, -1e38));

interface Attack {
  readonly f: number;
  readonly honest: number[][];
  readonly all: Candidate[];
}

/** A round of `f` liars among n updates; where the liars stand among the keys is drawn too. */
function attack(hostile: fc.Arbitrary<number>, sizeFor: (f: number) => number): fc.Arbitrary<Attack> {
  return hostile.chain((f) =>
    fc.nat(3).chain((more) => {
      const n = sizeFor(f) + more;
      return fc
        .tuple(vectors(n - f, near), vectors(f, lie), fc.array(fc.integer(), { minLength: n, maxLength: n }))
        .map(([honest, lies, keys]) => {
          const places = [...keys.keys()].sort((a, b) => keys[a]! - keys[b]!);
          return { f, honest, all: [...honest, ...lies].map((delta, i) => candidate(places[i]!, delta)) };
        });
    }),
  );
}

const distance = (a: readonly number[], b: readonly number[]) => norm(a.map((value, i) => value - b[i]!));

describe('with f liars', () => {
  test.each<[string, (f: number) => AggregatorSpec]>([
    ['the coordinate median', () => ({ name: 'coordinateMedian' })],
    ['the trimmed mean', (hostile) => ({ name: 'trimmedMean', hostile })],
  ])('%s stays between honest values, from n = 2f + 1 on', (_name, spec) => {
    fc.assert(
      fc.property(
        attack(fc.nat(4), (f) => 2 * f + 1),
        ({ f, honest, all }) => {
          mergedValues(spec(f), all).forEach((value, k) => {
            const values = honest.map((delta) => delta[k]!);
            expect(value).toBeGreaterThanOrEqual(Math.min(...values) - 1e-6);
            expect(value).toBeLessThanOrEqual(Math.max(...values) + 1e-6);
          });
        },
      ),
    );
  });

  // A selected update scores no more than the honest ones, at most (n - f - 2) D^2 with D the honest diameter, and
  // at least one of its n - f - 2 nearest is honest: so it lies within D sqrt(n - f - 2) of an honest update.
  test.each<[string, (f: number) => AggregatorSpec]>([
    ['Krum', (hostile) => ({ name: 'krum', hostile })],
    ['Multi-Krum', (hostile) => ({ name: 'multiKrum', hostile })],
  ])('%s selects near honest updates only, from n = 2f + 3 on', (_name, spec) => {
    fc.assert(
      fc.property(
        attack(fc.nat(3), (f) => 2 * f + 3),
        ({ f, honest, all }) => {
          const diameter = Math.max(...honest.flatMap((a) => honest.map((b) => distance(a, b))));
          const radius = diameter * Math.sqrt(all.length - f - 2) + 1e-6;
          for (const { actor } of merge(spec(f), all).selected) {
            const delta = [...all.find((one) => one.actor === actor)!.delta];
            expect(Math.min(...honest.map((other) => distance(delta, other)))).toBeLessThanOrEqual(radius);
          }
        },
      ),
    );
  });

  test('clipping over the mean bounds how far they move it, by 2fC / n', () => {
    const bound = 0.5;
    const spec = { name: 'normClipping', bound, of: { name: 'weightedMean', weights: 'equal' } } as const;
    fc.assert(
      fc.property(
        attack(fc.nat(4), (f) => f + 1),
        ({ f, honest, all }) => {
          const truths = [...honest, ...Array.from({ length: f }, () => [0, 0, 0])];
          const undisturbed = mergedValues(
            spec,
            truths.map((delta, i) => candidate(i, delta)),
          );
          const moved = distance(mergedValues(spec, all), undisturbed);
          expect(moved).toBeLessThanOrEqual((2 * f * bound) / all.length + 1e-6);
        },
      ),
    );
  });

  test.each<[string, AggregatorSpec, number]>([
    ['the mean, with one liar of any number', { name: 'weightedMean', weights: 'equal' }, 1],
    ['the median, with half', { name: 'coordinateMedian' }, 5],
    ['the trimmed mean, with one more than trimmed', { name: 'trimmedMean', hostile: 2 }, 3],
    ['Krum, with liars in a majority that agrees', { name: 'krum', hostile: 1 }, 6],
  ])('%s breaks down', (_name, spec, liars) => {
    const all = Array.from({ length: 10 }, (_, i) => candidate(i, [i < liars ? 1e30 : i / 10]));
    expect(mergedValues(spec, all)[0]).toBeGreaterThan(1e20);
  });
});
