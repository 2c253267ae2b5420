import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startChain } from './chain.ts';
import {
  emaPolicy,
  flatPolicy,
  flobcPolicy,
  type LineupEntry,
  type Policy,
  proportionalPolicy,
  type Round,
  TRUST_ONE,
  UNAVAILABLE,
} from './paper.ts';

/** Rounds as the ledger may hand them over, the corners included: nothing known, nothing scored, extreme scores. */
const score = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -400, max: 400 }) },
  { weight: 1, arbitrary: fc.integer({ min: -32767, max: 32767 }) },
  { weight: 1, arbitrary: fc.constant(UNAVAILABLE) },
);

/** The last round there can be: notes may name any round that is not later. */
const NUMBER = 2 ** 32 - 1;

/** Nothing, anything, or what a policy may have written in one of the last rounds. */
const note = fc.oneof(
  fc.constant(0n),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc
    .record({
      expected: fc.integer({ min: -400, max: 400 }),
      age: fc.integer({ min: 1, max: 12 }),
      flags: fc.nat(1023),
    })
    .map(({ expected, age, flags }) => {
      const own = (BigInt(NUMBER - age) << 10n) | BigInt(flags);
      return (1n << 63n) | (BigInt.asUintN(16, BigInt(expected)) << 47n) | own;
    }),
);

const entry: fc.Arbitrary<LineupEntry> = fc.record({
  tally: score,
  trust: fc.integer({ min: 0, max: TRUST_ONE }),
  note,
});

const round: fc.Arbitrary<Round> = fc
  .record({
    number: fc.constant(NUMBER),
    joins: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    baseTally: fc.integer({ min: 0, max: 10_000 }),
    poolWei: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
    lineup: fc.array(entry, { minLength: 1, maxLength: 12 }),
    seats: fc.integer({ min: 1, max: 6 }),
  })
  .chain(({ seats, ...rest }) =>
    fc.record({
      ...(Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, fc.constant(value)])) as {
        [K in keyof typeof rest]: fc.Arbitrary<(typeof rest)[K]>;
      }),
      committee: fc.array(
        fc.record({
          bondWei: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
          missed: fc.boolean(),
          ballot: fc.oneof(
            {
              weight: 9,
              arbitrary: fc.array(score, { minLength: rest.lineup.length, maxLength: rest.lineup.length }),
            },
            { weight: 1, arbitrary: fc.constant([]) },
          ),
        }),
        { minLength: seats, maxLength: seats },
      ),
    }),
  );

let chain: Awaited<ReturnType<typeof startChain>>;
// On a fresh clone this compiles: twenty seconds on an idle machine, minutes on a busy one.
beforeAll(async () => {
  chain = await startChain();
}, 300_000);
afterAll(() => chain.close());

describe('the policies on paper are the contracts, to the wei', () => {
  test.each<[string, Parameters<typeof chain.deploy>, Policy, number]>([
    ['ProportionalPolicy', ['ProportionalPolicy'], proportionalPolicy, TRUST_ONE / 2],
    ['EmaPolicy', ['EmaPolicy', 2_000, 300], emaPolicy(2_000, 300), TRUST_ONE / 2],
    ['FlatPolicy', ['FlatPolicy'], flatPolicy, TRUST_ONE],
    ['FlobcPolicy', ['FlobcPolicy', 9_500, false, 1e8], flobcPolicy(9_500, false, 1e8), 1e8],
    ['FlobcPolicy as released', ['FlobcPolicy', 0, true, 1e8], flobcPolicy(0, true, 1e8), 1e8],
  ])('%s', async (_name, deployment, paper, initialTrust) => {
    const contract = await chain.deploy(...deployment);
    expect(await contract.initialTrust()).toBe(initialTrust);
    await fc.assert(
      fc.asyncProperty(round, async (any) => {
        expect(await contract.evaluate(any)).toEqual(paper(any));
      }),
      { numRuns: Number(process.env.FLOBC_POLICY_VECTORS ?? 200) },
    );
  });
});
