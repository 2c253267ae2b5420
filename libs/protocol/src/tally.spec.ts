import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TallyVector } from '../../../test/vectors/tally.ts';
import { type Ballot, isScore, tallies, unavailable } from './tally.ts';

const ballotsOf = (score: fc.Arbitrary<number>, bond: fc.Arbitrary<bigint>) =>
  fc.array(fc.record({ bondWei: bond, scores: fc.tuple(score) }), { minLength: 1, maxLength: 9 });
const scores = fc.integer({ min: -32_767, max: 32_767 });
const few = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constant(unavailable));

/** The definition, spelled out: one copy of a score for every wei of bond, the lower of the middle two. */
function medianByCopies(ballots: readonly Ballot[]): number | 'unavailable' {
  const copies = ballots
    .flatMap(({ bondWei, scores: [score] }) => Array<number>(Number(bondWei)).fill(score!))
    .sort((a, b) => a - b);
  const scored = copies.filter((score) => score !== unavailable);
  if ((copies.length - scored.length) * 2 > copies.length || scored.length === 0) return 'unavailable';
  return scored[Math.ceil(scored.length / 2) - 1]!;
}

describe('tallies', () => {
  test('are the lower median of as many copies of a score as there is bond behind it', () => {
    fc.assert(
      fc.property(ballotsOf(few, fc.bigInt(1n, 6n)), (ballots) => {
        expect(tallies(ballots, 1)).toEqual([medianByCopies(ballots)]);
      }),
    );
  });

  test('do not depend on the order of the Validators', () => {
    fc.assert(
      fc.property(
        ballotsOf(few, fc.bigInt(0n, 1n << 100n)).chain((ballots) =>
          fc.tuple(fc.constant(ballots), fc.shuffledSubarray(ballots, { minLength: ballots.length })),
        ),
        ([ballots, shuffled]) => {
          expect(tallies(shuffled, 1)).toEqual(tallies(ballots, 1));
        },
      ),
    );
  });

  test('cannot be moved out of the range of an honest majority of the bond', () => {
    fc.assert(
      fc.property(ballotsOf(scores, fc.bigInt(1n, 1000n)), scores, (honest, lie) => {
        const honestWei = honest.reduce((sum, { bondWei }) => sum + bondWei, 0n);
        const range = honest.map((ballot) => ballot.scores[0]);
        const [tally] = tallies([...honest, { bondWei: honestWei - 1n, scores: [lie] }], 1);
        expect(tally).toBeGreaterThanOrEqual(Math.min(...range));
        expect(tally).toBeLessThanOrEqual(Math.max(...range));
      }),
    );
  });

  test('without any ballot, or with rows too short, an update is unavailable', () => {
    expect(tallies([], 2)).toEqual(['unavailable', 'unavailable']);
    expect(tallies([{ bondWei: 1n, scores: [5] }], 2)).toEqual([5, 'unavailable']);
  });

  test('agree with the vectors that the contracts read', () => {
    const file = readFileSync(new URL('../../../test/vectors/tally.json', import.meta.url), 'utf8');
    for (const { bonds, ballots, tallies: expected } of JSON.parse(file) as TallyVector[]) {
      const read = bonds.map((bond, i) => ({ bondWei: BigInt(bond), scores: ballots[i]! }));
      expect(tallies(read, expected.length)).toEqual(expected);
    }
  });
});

test('a score is an int16', () => {
  expect([-32_768, 0, 32_767].every(isScore)).toBe(true);
  expect([-32_769, 32_768, 0.5, NaN, '1', null, 1n].some(isScore)).toBe(false);
});
