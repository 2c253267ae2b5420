import { describe, expect, test } from 'vitest';
import {
  configOf,
  digestOf,
  gathering,
  openRun,
  receiptOf,
  run,
  schemes,
  trainerId,
  validatorId,
} from '../../../test/soak/cast.ts';
import {
  createRun,
  deadline,
  type Entry,
  openRound,
  proposer,
  type Receipt,
  type RejectionCode,
  rejections,
  type RunState,
  step,
} from './index.ts';
import type { Said } from '../../../test/soak/honest.ts';

const three = [1n, 1n, 1n];
const outcome = {
  verdicts: [0, 1].map(() => ({ accepted: true, tally: 10, weight: 5 })),
  trusts: [],
  rewards: [],
  penalties: [],
};
const entryOf = ({ trainer, sequence, base, digest }: Receipt): Entry => ({
  trainer,
  sequence,
  base,
  receipt: digest,
});
const receipts = [0, 1].map((i) => receiptOf(trainerId(i), 0, 0));
const entries = receipts.map(entryOf);
const lineup = digestOf('lineup');
const other = digestOf('other');

/** The state after inputs, all at the state's own instant, none of them refused. */
function after(state: RunState, ...inputs: Said[]): RunState {
  return inputs.reduce((at, said) => {
    const { state: next, events } = step(at, { ...said, atMs: at.nowMs });
    expect(events.filter(({ kind }) => kind === 'inputRejected')).toEqual([]);
    return next;
  }, state);
}

/** Why an input is refused; null if it is not. */
function refusal(state: RunState, said: Said): RejectionCode | null {
  const { events } = step(state, { ...said, atMs: state.nowMs });
  const last = events.at(-1);
  return last?.kind === 'inputRejected' ? last.code : null;
}

const receipt = (one: Receipt): Said => ({ kind: 'receipt', receipt: one });
const late = (state: RunState) => step(state, { kind: 'time', atMs: deadline(state)! }).state;

const training = openRun({}, 2, three);
const lineupPhase = after(training, ...receipts.map(receipt));
const first = proposer(lineupPhase, 0, 0)!;
const second = proposer(lineupPhase, 0, 1)!;
const proposal: Said = {
  kind: 'proposal',
  round: 0,
  attempt: 0,
  parent: run,
  proposer: first,
  lineup,
  entries,
};
const signature: Said = {
  kind: 'lineupSignature',
  round: 0,
  attempt: 0,
  parent: run,
  validator: second,
  lineup,
};
const opening = after(lineupPhase, { kind: 'lineup', round: 0, lineup, entries });
const opened = (i: number): Said => ({
  kind: 'opened',
  round: 0,
  trainer: trainerId(i),
  sequence: 0,
  intact: true,
});
const commit = (i: number): Said => ({
  kind: 'commit',
  round: 0,
  validator: validatorId(i),
  commitment: digestOf('commit', i),
});
const committing = after(opening, opened(0), opened(1));
const revealing = late(after(committing, commit(0), commit(1)));
const reveal = (i: number): Said => ({ kind: 'reveal', round: 0, validator: validatorId(i), scores: [1, 2] });
const settling = after(revealing, reveal(0), reveal(1));
const preview: Said = { kind: 'preview', round: 0, outcome, parent: digestOf('parent') };
const previewed = after(settling, preview);
const merged: Said = { kind: 'merged', round: 0, validator: validatorId(0), model: digestOf('model') };
const certificate: Said = {
  kind: 'certificateSignature',
  round: 0,
  parent: digestOf('parent'),
  validator: validatorId(0),
  model: digestOf('model'),
};
const settlement: Said = { kind: 'settlement', round: 0, outcome, certificate: null };
const halted = late(createRun(configOf({}), 0));
const gatheringRun = after(createRun(configOf({ minTrainers: 9 }), 0), { kind: 'fund' });

const cases: readonly [RejectionCode, string, RunState, Said][] = [
  [
    'malformed',
    'a receipt without a digest',
    training,
    { kind: 'receipt', receipt: { ...receipts[0]!, digest: '0x' } },
  ],
  ['malformed', 'entries out of order', lineupPhase, { ...proposal, entries: [...entries].reverse() }],
  [
    'malformed',
    'an empty lineup on the ledger',
    lineupPhase,
    { kind: 'lineup', round: 0, lineup, entries: [] },
  ],
  ['ended', 'a receipt after the end', halted, receipt(receipts[0]!)],
  [
    'early',
    'joining before the funding',
    createRun(configOf({}), 0),
    { kind: 'join', actor: trainerId(0), role: 'trainer', bondWei: 1n },
  ],
  [
    'early',
    'a receipt of a Trainer who is about to join',
    after(training, { kind: 'join', actor: trainerId(7), role: 'trainer', bondWei: 1n }),
    receipt(receiptOf(trainerId(7), 0, 0)),
  ],
  ['early', 'a receipt for a version not released', training, receipt(receiptOf(trainerId(0), 0, 1))],
  ['early', 'a proposal for the next round', lineupPhase, { ...proposal, round: 1 }],
  ['early', 'a key before the lineup', training, opened(0)],
  ['early', 'a ballot before the reveal phase', committing, reveal(0)],
  ['early', 'a preview before the settlement phase', revealing, preview],
  ['early', 'a merge before the preview', settling, merged],
  ['early', 'a certificate before the preview', settling, certificate],
  ['early', 'a settlement before the lineup', training, settlement],
  [
    'early',
    'a deadline of a phase to come',
    training,
    { kind: 'deadline', round: 0, phase: 'commit', dueMs: 5 },
  ],
  ['early', 'a commitment before any round', gatheringRun, commit(0)],
  ['stale', 'a proposal when the lineup stands', opening, proposal],
  ['stale', 'a key after the opening phase', late(opening), opened(0)],
  ['stale', 'a commitment in the reveal phase', revealing, commit(2)],
  ['stale', 'scores in the reveal phase', revealing, { kind: 'scored', round: 0, validator: validatorId(2) }],
  ['stale', 'a ballot in the settlement phase', settling, reveal(0)],
  ['stale', 'a void of a round that is over', after(settling, settlement), { kind: 'void', round: 0 }],
  [
    'stale',
    'a deadline of a phase that is over',
    opening,
    { kind: 'deadline', round: 0, phase: 'training', dueMs: 5 },
  ],
  ['stale', 'a pause after finish was asked for', after(training, { kind: 'finish' }), { kind: 'pause' }],
  ['duplicate', 'a receipt', after(training, receipt(receipts[0]!)), receipt(receipts[0]!)],
  ['duplicate', 'a proposal', after(lineupPhase, proposal), proposal],
  ['duplicate', 'a lineup signature', after(lineupPhase, proposal, signature), signature],
  ['duplicate', 'the lineup', opening, { kind: 'lineup', round: 0, lineup, entries }],
  ['duplicate', 'a key', after(opening, opened(0)), opened(0)],
  [
    'duplicate',
    'scores',
    after(committing, commit(0)),
    { kind: 'scored', round: 0, validator: validatorId(0) },
  ],
  ['duplicate', 'a commitment', after(committing, commit(0)), commit(0)],
  ['duplicate', 'a ballot', after(revealing, reveal(0)), reveal(0)],
  ['duplicate', 'a preview', previewed, preview],
  ['duplicate', 'a merge', after(previewed, merged), merged],
  ['duplicate', 'a certificate signature', after(previewed, certificate), certificate],
  [
    'duplicate',
    'a deadline that is known',
    training,
    { kind: 'deadline', round: 0, phase: 'training', dueMs: deadline(training)! },
  ],
  ['duplicate', 'funding', training, { kind: 'fund' }],
  ['duplicate', 'a pause', after(training, { kind: 'pause' }), { kind: 'pause' }],
  ['duplicate', 'resuming what goes on', training, { kind: 'resume' }],
  [
    'duplicate',
    'a wish to leave',
    after(training, { kind: 'leave', actor: trainerId(0) }),
    { kind: 'leave', actor: trainerId(0) },
  ],
  ['duplicate', 'the check-in of an active member', training, { kind: 'checkIn', actor: validatorId(0) }],
  ['duplicate', 'a bond that is as it was', training, { kind: 'bond', actor: validatorId(0), bondWei: 1n }],
  [
    'duplicate',
    'a wish to join',
    after(training, { kind: 'join', actor: trainerId(7), role: 'trainer', bondWei: 1n }),
    { kind: 'join', actor: trainerId(7), role: 'trainer', bondWei: 1n },
  ],
  ['conflicting', 'another lineup', opening, { kind: 'lineup', round: 0, lineup: other, entries }],
  [
    'conflicting',
    'another word on the same bytes',
    after(opening, opened(0)),
    { ...opened(0), intact: false } as Said,
  ],
  [
    'conflicting',
    'another commitment',
    after(committing, commit(0)),
    { ...commit(0), commitment: other } as Said,
  ],
  ['conflicting', 'another ballot', after(revealing, reveal(0)), { ...reveal(0), scores: [1, 3] } as Said],
  ['conflicting', 'another preview', previewed, { ...preview, parent: other }],
  ['conflicting', 'another merge', after(previewed, merged), { ...merged, model: other }],
  [
    'equivocation',
    'another receipt of the same sequence',
    after(training, receipt(receipts[0]!)),
    receipt(receiptOf(trainerId(0), 0, 0, 1)),
  ],
  [
    'equivocation',
    'another proposal at the same attempt',
    after(lineupPhase, proposal),
    { ...proposal, lineup: other },
  ],
  [
    'equivocation',
    'another lineup signature at the same attempt',
    after(lineupPhase, signature),
    { ...signature, lineup: other },
  ],
  [
    'equivocation',
    'another model on the same parent',
    after(previewed, certificate),
    { ...certificate, model: other },
  ],
  ['otherParent', 'a proposal on another certificate', lineupPhase, { ...proposal, parent: other }],
  ['otherParent', 'a certificate on another preview', previewed, { ...certificate, parent: other }],
  ['notMember', "a stranger's receipt", training, receipt(receiptOf(trainerId(9), 0, 0))],
  ['notMember', "a stranger's leave", training, { kind: 'leave', actor: trainerId(9) }],
  [
    'alreadyMember',
    'joining twice',
    training,
    { kind: 'join', actor: trainerId(0), role: 'validator', bondWei: 1n },
  ],
  [
    'alreadyMember',
    'wishing to join in two roles',
    after(training, { kind: 'join', actor: trainerId(7), role: 'trainer', bondWei: 1n }),
    { kind: 'join', actor: trainerId(7), role: 'validator', bondWei: 1n },
  ],
  [
    'jailed',
    'a receipt from jail',
    after(settling, {
      ...settlement,
      outcome: { ...outcome, penalties: [{ actor: trainerId(0), amountWei: 1n, jailedUntilRound: 3 }] },
    }),
    receipt(receiptOf(trainerId(0), 1, 0)),
  ],
  [
    'notInCommittee',
    'a lineup signature of a Trainer',
    lineupPhase,
    { ...signature, validator: trainerId(0) },
  ],
  [
    'notInCommittee',
    'scores of a Trainer',
    committing,
    { kind: 'scored', round: 0, validator: trainerId(0) },
  ],
  [
    'notInCommittee',
    'a commitment of a Trainer',
    committing,
    { ...commit(0), validator: trainerId(0) } as Said,
  ],
  ['notInCommittee', 'a ballot of a Trainer', revealing, { ...reveal(0), validator: trainerId(0) } as Said],
  ['notInCommittee', 'a merge of a Trainer', previewed, { ...merged, validator: trainerId(0) }],
  [
    'notInCommittee',
    'a certificate signature of a Trainer',
    previewed,
    { ...certificate, validator: trainerId(0) },
  ],
  ['notProposer', 'a proposal out of turn', lineupPhase, { ...proposal, proposer: second }],
  ['notProposer', 'an attempt that nobody has', lineupPhase, { ...proposal, attempt: 3 }],
  [
    'unknownReceipt',
    'a proposal with a receipt not seen here',
    lineupPhase,
    { ...proposal, entries: [entries[0]!, { ...entries[1]!, receipt: other }] },
  ],
  [
    'incomplete',
    'a proposal that leaves a receipt out',
    lineupPhase,
    { ...proposal, entries: [entries[0]!] },
  ],
  ['notInLineup', 'a key for something else', opening, { ...opened(0), sequence: 5 } as Said],
  ['notCommitted', 'a ballot without a commitment', revealing, reveal(2)],
  [
    'replayed',
    'a receipt that has been used',
    after(settling, { ...settlement, certificate: { model: other, digest: other } }),
    receipt(receipts[0]!),
  ],
  [
    'superseded',
    'a receipt before two later ones',
    after(training, receipt(receiptOf(trainerId(0), 1, 0)), receipt(receiptOf(trainerId(0), 2, 0))),
    receipt(receipts[0]!),
  ],
  ['wrongLength', 'a ballot too short', revealing, { ...reveal(0), scores: [1] } as Said],
  ['wrongLength', 'a preview too short', settling, { ...preview, outcome: { ...outcome, verdicts: [] } }],
  [
    'wrongLength',
    'a settlement too short',
    settling,
    { ...settlement, outcome: { ...outcome, verdicts: [] } },
  ],
];

describe('an input is refused', () => {
  test.each(cases)('as %s: %s', (code, _, state, said) => {
    const before = state.rejections[code] ?? 0;
    expect(refusal(state, said)).toBe(code);
    const { state: next } = step(state, { ...said, atMs: state.nowMs });
    expect(next.rejections[code]).toBe(before + 1);
  });

  test('as tooFarAhead: an update from a Trainer whom the slowest holds back', () => {
    const ahead = { ...openRun({ scheme: { ...schemes.ssp, maxStaleness: 1 } }, 2, three), version: 9 };
    const stage =
      ahead.stage.kind === 'round'
        ? { ...ahead.stage, round: { ...ahead.stage.round, version: 9, slowest: 2 } }
        : ahead.stage;
    const fast = {
      ...ahead,
      stage,
      trainers: { ...ahead.trainers!, value: { ...ahead.trainers!.value, progress: 8 } },
    };
    expect(refusal(fast, receipt(receiptOf(fast.trainers.value.id, 0, 4)))).toBe('tooFarAhead');
    expect(refusal(fast, receipt(receiptOf(fast.trainers.value.id, 0, 3)))).toBeNull();
  });

  test('every code has a case', () => {
    const covered = new Set<string>([...cases.map(([code]) => code), 'tooFarAhead']);
    expect(Object.keys(rejections).filter((code) => !covered.has(code))).toEqual([]);
  });
});

describe('equivocation', () => {
  test('is reported with both statements, once; neither receipt counts any more', () => {
    const twin = receiptOf(trainerId(0), 0, 0, 1);
    const start = after(training, receipt(receipts[0]!));
    const found = step(start, { kind: 'receipt', receipt: twin, atMs: start.nowMs });
    expect(found.effects.map(({ kind }) => kind)).toEqual(['shareReceipts', 'reportEquivocation']);
    expect(openRound(found.state)?.attendance).toMatchObject({ present: 0, unused: 0 });
    const again = step(found.state, { kind: 'receipt', receipt: twin, atMs: start.nowMs });
    expect(again.effects).toEqual([]);
  });

  test('of a Validator is reported once, however often it lies', () => {
    const lying = step(after(lineupPhase, signature), {
      ...signature,
      lineup: other,
      atMs: lineupPhase.nowMs,
    });
    expect(lying.effects.map(({ kind }) => kind)).toEqual(['reportEquivocation']);
    const again = step(lying.state, {
      ...signature,
      lineup: digestOf('third'),
      atMs: lineupPhase.nowMs,
    });
    expect(again.effects).toEqual([]);
  });
});

describe('members and the Sponsor', () => {
  test('act at the next boundary', () => {
    const asked = after(
      training,
      { kind: 'leave', actor: trainerId(0) },
      { kind: 'bond', actor: validatorId(0), bondWei: 50n },
      { kind: 'pause' },
    );
    expect(openRound(asked)?.committee[0]?.bondWei).toBe(1n);
    const paused = after(asked, { kind: 'void', round: 0 });
    expect(paused.stage.kind).toBe('paused');
    const waiting = after(
      paused,
      { kind: 'join', actor: trainerId(5), role: 'trainer', bondWei: 1n },
      { kind: 'resume' },
    );
    expect(openRound(waiting)).toMatchObject({
      number: 1,
      committee: [{ bondWei: 50n }, { bondWei: 1n }, { bondWei: 1n }],
    });
  });

  test('a run pauses for so long, finishes when asked, gathers again when too few are left', () => {
    const paused = after(training, { kind: 'pause' }, { kind: 'void', round: 0 });
    expect(late(paused).stage.kind).toBe('finished');
    expect(after(paused, { kind: 'finish' }).stage.kind).toBe('finished');
    expect(after(training, { kind: 'finish' }, { kind: 'void', round: 0 }).stage.kind).toBe('finished');
    const few = after(training, { kind: 'leave', actor: trainerId(0) }, { kind: 'void', round: 0 });
    expect(few.stage.kind).toBe('gathering');
    expect(
      openRound(after(few, { kind: 'join', actor: trainerId(8), role: 'trainer', bondWei: 1n }))?.number,
    ).toBe(1);
    expect(late(few).stage.kind).toBe('halted');
  });

  test('receipts that come while nobody trains wait for the next round', () => {
    const paused = after(training, { kind: 'pause' }, { kind: 'void', round: 0 });
    const resumed = after(paused, ...receipts.map(receipt), { kind: 'resume' });
    expect(openRound(resumed)?.phase.kind).toBe('lineup');
  });

  test('the first members that are enough open the first round', () => {
    const config = configOf({ minTrainers: 2, minValidators: 1 });
    const [fund, ...joins] = gathering(2, [1n]);
    const state = [fund!, ...joins].reduce(
      (at, input) => step(at, input).state,
      createRun(config, Number.NaN),
    );
    expect(openRound(state)?.number).toBe(0);
  });
});

describe("the ledger's own deadlines", () => {
  test('replace those that a follower has worked out', () => {
    const dueMs = 77_777;
    for (const [state, phase] of [
      [training, 'training'],
      [committing, 'commit'],
      [revealing, 'reveal'],
      [settling, 'settlement'],
    ] as const) {
      expect(deadline(after(state, { kind: 'deadline', round: 0, phase, dueMs }))).toBe(dueMs);
    }
  });

  test('a lineup has until the last turn of all', () => {
    const moved = after(
      training,
      { kind: 'deadline', round: 0, phase: 'lineup', dueMs: 99_999 },
      ...receipts.map(receipt),
    );
    expect(deadline(moved)).toBe(4_000);
    expect(deadline(late(late(moved)))).toBe(99_999);
    expect(
      deadline(after(late(late(moved)), { kind: 'deadline', round: 0, phase: 'lineup', dueMs: 88_888 })),
    ).toBe(88_888);
  });
});
