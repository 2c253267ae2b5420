import { describe, expect, test } from 'vitest';
import type { LedgerEvent } from '#libs/ports';
import { type ActorId, createRun, type Digest, type Event, step } from '#libs/protocol';
import { configOf } from '../soak/cast.ts';
import { checkLedger, checkVerdicts, Patience } from './checkers.ts';

// A checker that cannot complain checks nothing.

const digest: Digest = `0x${'ab'.repeat(32)}`;
const id = (i: number): ActorId => `0x${String(i).padStart(40, '0')}`;
const at = { transaction: digest, logIndex: 0 };
const onLedger = (body: object): LedgerEvent => ({ run: 0n, at, ...body }) as LedgerEvent;
const { quorum } = configOf({});

const seated = onLedger({
  kind: 'committeeSeated',
  round: 0,
  validators: [id(1), id(2), id(3)],
  bondsWei: [10n, 10n, 10n],
});
const lineup = (signers: readonly number[]) =>
  onLedger({
    kind: 'lineupAccepted',
    round: 0,
    proposer: id(1),
    trainers: [1],
    receiptsRoot: digest,
    signers,
  });
const voted = (validator: ActorId) =>
  onLedger({ kind: 'ballotCommitted', round: 0, validator, commitment: digest });
const settled = onLedger({ kind: 'roundSettled', round: 0, modelDigest: digest, verdicts: [], seats: [] });

describe('the ledger', () => {
  test('is in order where everything happens once, by those who may', () => {
    expect(checkLedger([seated, lineup([0, 1]), voted(id(1)), voted(id(2)), settled], quorum)).toEqual([]);
  });

  test.each([
    ['a second ballot', [seated, lineup([0, 1]), voted(id(1)), voted(id(1))], 'ballotCommitted'],
    ['a stranger’s ballot', [seated, lineup([0, 1]), voted(id(9))], 'without a seat'],
    ['a lineup without a quorum', [seated, lineup([0])], 'no quorum'],
    ['a second settlement', [seated, lineup([0, 1]), settled, settled], 'twice'],
    ['a settlement without a lineup', [seated, settled], 'without a lineup'],
  ])('complains of %s', (_, events, complaint) => {
    expect(checkLedger(events, quorum).join()).toContain(complaint);
  });
});

test('complains of an update that is judged twice', () => {
  const entries = [{ trainer: id(4), sequence: 7, base: 0, receipt: digest }];
  const outcome = {
    verdicts: [{ accepted: true, tally: 1, weight: 1 }],
    trusts: [],
    rewards: [],
    penalties: [],
  };
  const round = (number: number, released: boolean): Event[] => [
    { kind: 'lineupPlaced', atMs: 0, round: number, lineup: digest, entries, dueMs: 0 },
    { kind: 'roundSettled', atMs: 0, round: number, outcome, released },
  ];
  expect(checkVerdicts([...round(0, false), ...round(1, true)])).toEqual([]);
  expect(checkVerdicts([...round(0, true), ...round(1, true)]).join()).toContain('twice');
});

test('complains of a phase that outlives its deadline', () => {
  const patience = new Patience(1_000);
  const created = createRun(configOf({}), 0);
  const funded = step(created, { kind: 'fund', atMs: 5 }).state;
  patience.look(created, 0);
  patience.look(funded, 100_000_000);
  expect(patience.complaints).toEqual([]);
  patience.look(funded, 200_000_000);
  expect(patience.complaints.join()).toContain('outlives its deadline');
});
