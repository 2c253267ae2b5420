import fc from 'fast-check';
import { type Tally, tallies, unavailable } from '#libs/protocol';

/** One round's tally: `ballots` has a row for each Validator and a column for each update. Bonds are decimal strings. */
export interface TallyVector {
  readonly bonds: readonly string[];
  readonly ballots: readonly (readonly number[])[];
  readonly tallies: readonly Tally[];
}

const seed = 20_261_123;
const count = 300;

// Few different values, so that scores tie and bonds meet exactly half; and the whole range, so that nothing is assumed.
const score = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 2, arbitrary: fc.constant(unavailable) },
  { weight: 1, arbitrary: fc.constantFrom(-32_767, 32_767) },
  { weight: 3, arbitrary: fc.integer({ min: -32_767, max: 32_767 }) },
);
const bond = fc.oneof(
  { weight: 3, arbitrary: fc.bigInt(0n, 4n) },
  { weight: 1, arbitrary: fc.bigInt(1n, (1n << 96n) - 1n) },
);

const shape = fc.record({
  validators: fc.integer({ min: 1, max: 9 }),
  updates: fc.integer({ min: 1, max: 5 }),
});
const round = shape.chain(({ validators, updates }) =>
  fc.record({
    bonds: fc.array(bond, { minLength: validators, maxLength: validators }),
    ballots: fc.array(fc.array(score, { minLength: updates, maxLength: updates }), {
      minLength: validators,
      maxLength: validators,
    }),
  }),
);

/** The shared vectors: the same on every run, for a fixed version of fast-check. */
export function tallyVectors(): TallyVector[] {
  return fc.sample(round, { seed, numRuns: count }).map(({ bonds, ballots }) => ({
    bonds: bonds.map(String),
    ballots,
    tallies: tallies(
      bonds.map((bondWei, i) => ({ bondWei, scores: ballots[i]! })),
      ballots[0]!.length,
    ),
  }));
}

/** As they stand in `tally.json`: a vector a line. */
export function tallyFile(): string {
  return `[\n${tallyVectors()
    .map((vector) => JSON.stringify(vector))
    .join(',\n')}\n]\n`;
}
