import { describe, expect, test } from 'vitest';
import type { ActorId, Digest, RunState } from '#libs/protocol';
import { ballotCommitment } from '#libs/wire';
import { BallotBook } from './ballot-book.ts';

const run = 3n;
const round = 5;
const lineup: Digest = `0x${'1a'.repeat(32)}`;
const salt: Digest = `0x${'5b'.repeat(32)}`;
const alice: ActorId = `0x${'aa'.repeat(20)}`;
const bob: ActorId = `0x${'bb'.repeat(20)}`;
const scores = [120, -40];

/** A reveal phase in which Alice has committed to her scores. */
const state = {
  stage: {
    kind: 'round',
    round: {
      number: round,
      phase: {
        kind: 'reveal',
        lineup: { digest: lineup, entries: [] },
        commitments: {
          key: alice,
          value: ballotCommitment({ run, round, lineup, validator: alice, scores, salt }),
          size: 1,
          left: null,
          right: null,
        },
      },
    },
  },
} as unknown as RunState;

describe('a ballot', () => {
  test('counts if it is the one that was committed to, by the one who committed', () => {
    const book = new BallotBook(run);
    expect(book.add(state, round, alice, { scores, salt })).toBe(true);
    expect(book.counted(round).get(alice)).toEqual({ scores, salt });
  });

  test.each([
    ['other scores', alice, round, [120, -41], salt],
    ['another salt', alice, round, scores, lineup],
    ['another Validator', bob, round, scores, salt],
    ['another round', alice, round + 1, scores, salt],
  ] as const)('with %s does not', (_, validator, of, said, salted) => {
    const book = new BallotBook(run);
    expect(book.add(state, of, validator, { scores: said, salt: salted })).toBe(false);
    expect(book.of(of).size).toBe(0);
  });

  test('that never came to the ledger does not count once the ledger takes no more', () => {
    const book = new BallotBook(run);
    book.add(state, round, alice, { scores, salt });
    book.show(round, bob, { scores, salt });
    expect([...book.counted(round).keys()]).toEqual([alice, bob]);
    book.close(round);
    expect([...book.counted(round).keys()]).toEqual([bob]);
    expect(book.isShown(round, alice)).toBe(false);
  });
});
