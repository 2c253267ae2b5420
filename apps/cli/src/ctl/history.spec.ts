import { expect, test } from 'vitest';
import type { Block, LedgerEvent } from '#libs/ports';
import { type Dated, historyOf } from './history.ts';

const digest = (byte: string) => `0x${byte.repeat(32)}` as const;
const actor = (byte: string) => `0x${byte.repeat(20)}` as const;
const block = (timeSeconds: number): Block => ({
  ...{ number: timeSeconds, timeSeconds, hash: digest('aa'), parentHash: digest('bb') },
});
const at = { transaction: digest('cc'), logIndex: 0 };
const dated = (timeSeconds: number, event: object): Dated => ({
  block: block(timeSeconds),
  event: { run: 0n, at, ...event } as LedgerEvent,
});
const verdict = (accepted: boolean, rewardWei: bigint) => ({ accepted, rewardWei, trust: 0, mergeWeight: 0 });

test('rounds, releases and members are read from the events of the ledger', () => {
  const { rounds, members, end } = historyOf([
    dated(1, { kind: 'memberJoined', account: actor('01'), role: 'trainer' }),
    dated(2, { kind: 'roundOpened', round: 0 }),
    dated(4, { kind: 'roundVoided', round: 0, phase: 'training', voids: 1 }),
    dated(5, { kind: 'roundOpened', round: 1 }),
    dated(6, { kind: 'lineupAccepted', round: 1, trainers: [1, 2, 3] }),
    dated(9, {
      ...{ kind: 'roundSettled', round: 1, modelDigest: digest('11'), settlerWei: 1n },
      verdicts: [verdict(true, 5n), verdict(false, 0n), verdict(true, 7n)],
      seats: [{ missed: false, penaltyBp: 0, rewardWei: 2n }],
    }),
    dated(10, { kind: 'roundOpened', round: 2 }),
    dated(11, {
      ...{ kind: 'roundSettled', round: 2, modelDigest: null },
      settlerWei: 0n,
      verdicts: [],
      seats: [],
    }),
    dated(12, { kind: 'roundOpened', round: 3 }),
    dated(13, { kind: 'memberJoined', account: actor('01'), role: 'trainer' }),
  ]);
  expect(members).toEqual([actor('01')]);
  expect(end).toBeNull();
  expect(rounds).toMatchObject([
    { round: 0, outcome: 'void', voidIn: 'training', openedAt: 2, endedAt: 4, version: null },
    {
      ...{ round: 1, outcome: 'released', updates: 3, accepted: 2, refused: 1, version: 1 },
      ...{ model: digest('11'), rewardsWei: 15n, openedAt: 5, endedAt: 9 },
    },
    { round: 2, outcome: 'settled', version: null, model: null },
    { round: 3, outcome: 'open', endedAt: null },
  ]);
});

test('the end of a run is said, whatever came before', () => {
  expect(historyOf([dated(1, { kind: 'runHalted', rounds: 0 })])).toEqual({
    rounds: [],
    members: [],
    end: 'halted',
  });
});
