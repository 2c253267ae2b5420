import { describe, expect, test } from 'vitest';
import {
  configOf,
  digestOf,
  gathering,
  joinOf,
  openRun,
  receiptOf,
  run,
  schemes,
  trainerId,
  validatorId,
  withOpenRound,
} from '../../../test/soak/cast.ts';
import { closed, overdue } from '../../../test/soak/chain.ts';
import {
  accountOf,
  committee,
  createRun,
  deadline,
  drawOf,
  duties,
  type Entry,
  find,
  type InputOf,
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
/** What the ledger says when the phase is closed there after its deadline. */
const close = (state: RunState) => after(state, ...closed(state, deadline(state)! + 1));
const stranger = trainerId(7);
const join: Said = joinOf('trainer', stranger, 77, 1n);

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
const revealing = close(after(committing, commit(0), commit(1)));
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
const settlement: Said = { kind: 'settlement', round: 0, outcome, model: null };
const halted = late(createRun(configOf({}), 0));
const seats = openRound(training)!.committee;
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
  ['early', 'joining before the funding', createRun(configOf({}), 0), join],
  [
    'early',
    'the opening of a round while one is open',
    training,
    { kind: 'open', round: 1, committee: seats },
  ],
  ['early', 'a void of a round to come', training, { kind: 'void', round: 1 }],
  ['early', 'a void before the funding', createRun(configOf({}), 0), { kind: 'void', round: 0 }],
  [
    'early',
    'a receipt of a Trainer who is about to join',
    after(training, join),
    receipt(receiptOf(stranger, 0, 0)),
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
    'a void after a pause',
    after(settling, { kind: 'pause' }, settlement),
    { kind: 'void', round: 0 },
  ],
  [
    'stale',
    'the opening of a round that is over',
    after(settling, settlement),
    { kind: 'open', round: 0, committee: seats },
  ],
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
  ['duplicate', 'the opening of the open round', training, { kind: 'open', round: 0, committee: seats }],
  ['duplicate', 'funding', training, { kind: 'fund' }],
  ['duplicate', 'a pause', after(training, { kind: 'pause' }), { kind: 'pause' }],
  ['duplicate', 'resuming what goes on', training, { kind: 'resume' }],
  [
    'duplicate',
    'a wish to leave',
    after(training, { kind: 'leave', actor: trainerId(0) }),
    { kind: 'leave', actor: trainerId(0) },
  ],
  [
    'duplicate',
    'a suspension',
    after(training, { kind: 'suspend', actor: trainerId(0) }),
    { kind: 'suspend', actor: trainerId(0) },
  ],
  ['duplicate', 'the check-in of an active member', training, { kind: 'checkIn', actor: validatorId(0) }],
  ['duplicate', 'a bond that is as it was', training, { kind: 'bond', actor: validatorId(0), bondWei: 1n }],
  ['duplicate', 'a wish to join', after(training, join), join],
  ['conflicting', 'an account number that is taken', training, joinOf('trainer', stranger, 1, 1n)],
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
    'notMember',
    'the bond of a member that has left',
    after(training, { kind: 'leave', actor: trainerId(0) }),
    { kind: 'bond', actor: trainerId(0), bondWei: 5n },
  ],
  ['alreadyMember', 'joining twice', training, joinOf('validator', trainerId(0), 1, 1n)],
  [
    'alreadyMember',
    'wishing to join in two roles',
    after(training, join),
    joinOf('validator', stranger, 77, 1n),
  ],
  [
    'jailed',
    'a receipt from jail',
    after(settling, {
      ...settlement,
      outcome: {
        ...outcome,
        penalties: [0, 9].map((i) => ({ actor: trainerId(i), amountWei: 1n, jailedUntilRound: 3 })),
      },
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
    after(settling, { ...settlement, model: other }),
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

  test('as tooFarAhead: a lineup with an update from a Trainer whom the slowest holds back', () => {
    const start = { ...openRun({ scheme: { ...schemes.ssp, maxStaleness: 1 } }, 2, three), version: 9 };
    const stage =
      start.stage.kind === 'round'
        ? { ...start.stage, round: { ...start.stage.round, version: 9, slowest: 2 } }
        : start.stage;
    const ahead = {
      ...start,
      stage,
      trainers: { ...start.trainers!, value: { ...start.trainers!.value, progress: 8 } },
    };
    const { id } = ahead.trainers.value;
    const [near, far] = [receiptOf(id, 0, 3), receiptOf(id, 1, 4)];
    // When it arrives decides nothing: it is kept, and counts in a round in which it is not too far ahead.
    const held = after(ahead, receipt(far));
    expect(openRound(held)?.attendance).toMatchObject({ ready: 0 });
    const both = after(held, receipt(near), { kind: 'deadline', round: 0, phase: 'training', dueMs: 5 });
    expect(openRound(both)?.attendance).toMatchObject({ ready: 1 });
    const closing = late(late(both));
    const proposed = duties(closing).flatMap((duty) => (duty.kind === 'proposeLineup' ? duty : []));
    expect(proposed.map((duty) => duty.entries)).toEqual([[entryOf(near)]]);
    const { parent, to: by } = proposed[0]!;
    const proposes = (one: Receipt): Said => ({
      kind: 'proposal',
      round: 0,
      attempt: 0,
      parent,
      proposer: by,
      lineup,
      entries: [entryOf(one)],
    });
    expect(refusal(closing, proposes(far))).toBe('tooFarAhead');
    expect(refusal(closing, proposes(near))).toBeNull();
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
    expect(openRound(found.state)?.attendance).toMatchObject({ present: 0, ready: 0 });
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
  const voided: Said = { kind: 'void', round: 0 };
  /** What the opening of the next round asks for, and the state after it. */
  const reopened = (state: RunState) => withOpenRound(state);

  test('what the ledger says of members holds from the next opened round on', () => {
    const asked = after(
      training,
      { kind: 'leave', actor: trainerId(0) },
      { kind: 'bond', actor: validatorId(0), bondWei: 50n },
      join,
    );
    const gathered = after(asked, voided);
    for (const state of [asked, gathered]) {
      expect(find(state.trainers, trainerId(0))).toBeDefined();
      expect(find(state.trainers, stranger)).toBeUndefined();
      expect(find(state.validators, validatorId(0))?.bondWei).toBe(1n);
    }
    const { events, state } = step(gathered, {
      kind: 'open',
      round: 1,
      committee: seats,
      atMs: gathered.nowMs,
    });
    expect(events).toMatchObject([
      { kind: 'membersChanged', joined: [stranger], left: [trainerId(0)] },
      { kind: 'roundOpened', round: 1, committee: seats },
    ]);
    expect(find(state.trainers, trainerId(0))).toBeUndefined();
    expect(find(state.validators, validatorId(0))?.bondWei).toBe(50n);
    expect(accountOf(state, 77)).toBe(stranger);
    expect(accountOf(state, 78)).toBeUndefined();
  });

  test('a round opens when the ledger says so; it is asked to as soon as it could, and once', () => {
    const two = createRun(configOf({ minTrainers: 2, minValidators: 1 }), Number.NaN);
    let state = two;
    const asked = gathering(2, [1n]).map((input) => {
      const taken = step(state, input);
      state = taken.state;
      return taken.effects.filter(({ kind }) => kind === 'openRound');
    });
    expect(asked).toEqual([[], [], [], [{ kind: 'openRound', to: 'anybody', round: 0 }]]);
    expect(duties(state)).toEqual(asked[3]);
    expect(openRound(state)).toBeNull();
    const one = step(state, { ...joinOf('trainer', stranger, 77, 1n), atMs: 1 });
    expect(one.effects).toEqual([]);
    expect(openRound(reopened(one.state))?.attendance.expected).toBe(3);
  });

  test('the ledger counts active members only, and asks again when enough are back', () => {
    const few = after(training, { kind: 'suspend', actor: trainerId(0) }, voided);
    expect(few.stage.kind).toBe('gathering');
    expect(duties(few)).toEqual([]);
    const back = step(few, { kind: 'checkIn', actor: trainerId(0), atMs: few.nowMs });
    expect(back.effects).toEqual([{ kind: 'openRound', to: 'anybody', round: 1 }]);
    const left = after(training, { kind: 'leave', actor: validatorId(0) }, voided);
    expect(left.roll).toEqual({ trainers: 2, validators: 2 });
  });

  test('rounds have the numbers and the seats that the ledger gives them', () => {
    const turned = [...seats].reverse();
    const state = after(after(training, voided), { kind: 'open', round: 5, committee: turned });
    expect(openRound(state)).toMatchObject({ number: 5, committee: turned });
    expect(state.rounds).toBe(6);
    const first = Number(BigInt(drawOf(5, run)) % 3n);
    for (const attempt of [0, 1, 2])
      expect(proposer(state, 5, attempt)).toBe(turned[(first + attempt) % 3]!.id);
  });

  test('a round that never opens for want of members is void; after too many the run is halted', () => {
    let state = after(training, { kind: 'leave', actor: trainerId(0) }, voided);
    for (let round = 1; round < 5; round++) {
      expect(state).toMatchObject({ stage: { kind: 'gathering' }, rounds: round, voidRounds: round });
      expect(late(state)).toEqual({ ...state, nowMs: state.nowMs });
      const before = deadline(state)!;
      state = overdue(state).reduce((at, input) => step(at, input).state, state);
      if (round < 4) expect(deadline(state)).toBe(before + 1 + state.config.windows.gatheringMs);
    }
    expect(state).toMatchObject({ stage: { kind: 'halted' }, rounds: 5, voidRounds: 5 });
  });

  test('a run pauses, finishes when asked, gathers again when it goes on', () => {
    const paused = after(training, { kind: 'pause' }, voided);
    expect(paused.stage.kind).toBe('paused');
    expect(close(paused).stage.kind).toBe('finished');
    expect(after(paused, { kind: 'finish' }).stage.kind).toBe('finished');
    expect(after(training, { kind: 'finish' }, voided).stage.kind).toBe('finished');
    expect(after(training, voided, { kind: 'finish' }).stage.kind).toBe('finished');
    expect(after(training, voided, { kind: 'pause' }).stage.kind).toBe('paused');
    const resumed = step(paused, { kind: 'resume', atMs: 5 });
    expect(resumed.state.stage).toEqual({
      kind: 'gathering',
      dueMs: 5 + training.config.windows.gatheringMs,
    });
    expect(resumed.effects).toContainEqual({ kind: 'openRound', to: 'anybody', round: 1 });
  });

  test.each(['finished', 'halted'] as const)(
    'a run that is %s on the ledger is so wherever it stands',
    (how) => {
      for (const state of [createRun(configOf({}), 0), gatheringRun, training, settling]) {
        const ended = after(state, { kind: 'ended', how });
        expect(ended.stage.kind).toBe(how);
        expect(refusal(ended, { kind: 'ended', how })).toBeNull();
      }
    },
  );

  test('receipts that come while no round is open wait for the next one', () => {
    const waiting = after(training, voided, ...receipts.map(receipt));
    expect(openRound(reopened(waiting))?.attendance).toMatchObject({ expected: 2, present: 2 });
  });

  test('what a suspended Trainer has sent is kept, and is in no lineup until it has checked in', () => {
    const start = openRun({ minTrainers: 1 }, 2, three);
    const suspended = reopened(
      after(start, ...receipts.map(receipt), { kind: 'suspend', actor: trainerId(0) }, voided),
    );
    expect(openRound(suspended)?.attendance).toEqual({ expected: 1, present: 1, current: 1, ready: 1 });
    const proposals = (state: RunState) =>
      duties(late(state)).flatMap((duty) => (duty.kind === 'proposeLineup' ? duty.entries : []));
    const alone = step(suspended, { kind: 'time', atMs: suspended.nowMs }).state;
    expect(duties(alone).some(({ to }) => to === trainerId(0))).toBe(false);
    expect(proposals(alone)).toEqual([entries[1]]);
    const back = after(alone, { kind: 'checkIn', actor: trainerId(0) }, { kind: 'void', round: 1 });
    expect(proposals(reopened(back))).toEqual(entries);
  });

  test('a suspended Validator has no vote in what a follower would seat', () => {
    const gone = after(
      openRun({ minValidators: 2 }, 2, three),
      { kind: 'suspend', actor: validatorId(1) },
      voided,
    );
    expect(committee(gone, 1).map(({ id }) => id)).toEqual([0, 2].map(validatorId));
    expect(find(reopened(gone).validators, validatorId(1))?.active).toBe(false);
    const back = after(gone, { kind: 'checkIn', actor: validatorId(1) });
    expect(committee(back, 1)).toHaveLength(3);
  });

  test('a Trainer that comes back has its trust and its used sequences, not its missed rounds', () => {
    const trusts = [{ trainer: trainerId(0), trust: 123 }];
    const settled = after(settling, { ...settlement, model: other, outcome: { ...outcome, trusts } });
    const leave: Said = { kind: 'leave', actor: trainerId(0) };
    const gone = reopened(after(settled, join, leave));
    expect(find(gone.former, trainerId(0))?.trust).toBe(123);
    const rejoin: Said = joinOf('trainer', trainerId(0), 1, 9n);
    const back = reopened(after(gone, { kind: 'void', round: 1 }, rejoin));
    expect(find(back.former, trainerId(0))).toBeUndefined();
    expect(find(back.trainers, trainerId(0))).toMatchObject({
      trust: 123,
      usedSequence: 0,
      bondWei: 9n,
      missedRounds: 0,
      progress: 1,
    });
    expect(refusal(back, receipt(receipts[0]!))).toBe('replayed');
    // Also if it has been a Validator in between, or has left and joined between two rounds.
    const asValidator = reopened(
      after(gone, { kind: 'void', round: 1 }, joinOf('validator', trainerId(0), 1, 9n)),
    );
    expect(find(asValidator.validators, trainerId(0))?.number).toBe(1);
    const again = after(asValidator, { kind: 'void', round: 2 }, leave, rejoin);
    expect(find(reopened(again).trainers, trainerId(0))?.trust).toBe(123);
    expect(find(reopened(again).validators, trainerId(0))).toBeUndefined();
    expect(find(reopened(after(settled, leave, rejoin)).trainers, trainerId(0))?.bondWei).toBe(9n);
  });

  test('a Trainer that misses rounds is not waited for, until it has delivered', () => {
    let state = openRun({ minTrainers: 1, inactiveAfterRounds: 2, scheme: schemes.bap }, 2, three);
    const settle = (at: RunState) => {
      const { number } = openRound(at)!;
      const taken = after(at, receipt(receiptOf(trainerId(0), number, number)));
      const [entry] = lineupIn(taken);
      return after(
        taken,
        { kind: 'lineup', round: number, lineup, entries: [entry!] },
        {
          kind: 'settlement',
          round: number,
          outcome: { ...outcome, verdicts: outcome.verdicts.slice(1) },
          model: digestOf('model', number),
        },
      );
    };
    const lineupIn = (at: RunState) =>
      duties(late(at)).flatMap((duty) => (duty.kind === 'proposeLineup' ? duty.entries : []));
    state = settle(state);
    expect(find(state.trainers, trainerId(0))).toMatchObject({ missedRounds: 0, progress: 0 });
    expect(find(state.trainers, trainerId(1))).toMatchObject({ missedRounds: 1, progress: 0 });
    state = settle(reopened(state));
    expect(find(state.trainers, trainerId(0))?.progress).toBe(1);
    const opening = step(state, { kind: 'open', round: 2, committee: seats, atMs: state.nowMs });
    expect(opening.events[0]).toMatchObject({ kind: 'membersChanged', becameInactive: [trainerId(1)] });
    expect(openRound(opening.state)?.attendance.expected).toBe(1);
    const late1 = after(opening.state, receipt(receiptOf(trainerId(1), 0, 2)));
    const both = after(
      late1,
      { kind: 'lineup', round: 2, lineup, entries: [entryOf(receiptOf(trainerId(1), 0, 2))] },
      {
        kind: 'settlement',
        round: 2,
        outcome: { ...outcome, verdicts: outcome.verdicts.slice(1) },
        model: null,
      },
    );
    const again = step(both, { kind: 'open', round: 3, committee: seats, atMs: both.nowMs });
    expect(again.events[0]).toMatchObject({ kind: 'membersChanged', becameActive: [trainerId(1)] });
  });

  test('a lineup ascends by account number, whatever the addresses', () => {
    const start = createRun(configOf({ minTrainers: 3, minValidators: 1 }), 0);
    const joins = [30, 10, 20].map((number, i) => joinOf('trainer', trainerId(i), number, 1n));
    const open = reopened(
      after(start, { kind: 'fund' }, ...joins, joinOf('validator', validatorId(0), 5, 1n)),
    );
    const sent = [0, 1, 2].map((i) => receiptOf(trainerId(i), 0, 0));
    const proposed = duties(after(open, ...sent.map(receipt))).find((duty) => duty.kind === 'proposeLineup');
    expect(proposed?.entries).toEqual([sent[1]!, sent[2]!, sent[0]!].map(entryOf));
    const placed = (list: readonly Entry[]): Said => ({ kind: 'lineup', round: 0, lineup, entries: list });
    expect(refusal(open, placed(sent.map(entryOf)))).toBe('malformed');
    expect(refusal(open, placed([entryOf(receiptOf(trainerId(9), 0, 0))]))).toBe('malformed');
    expect(refusal(open, placed([sent[1]!, sent[1]!].map(entryOf)))).toBe('malformed');
    expect(refusal(open, placed(proposed!.entries))).toBeNull();
  });
});

describe("the ledger's own deadlines", () => {
  const dueMs = 77_777;
  const began = (phase: InputOf<'deadline'>['phase'], at = dueMs): Said => ({
    kind: 'deadline',
    round: 0,
    phase,
    dueMs: at,
  });
  const { settlementMs, commitMs } = training.config.windows;

  test('replace those that a follower has worked out', () => {
    for (const [state, phase] of [
      [training, 'training'],
      [opening, 'opening'],
      [committing, 'commit'],
      [revealing, 'reveal'],
    ] as const) {
      expect(deadline(after(state, began(phase)))).toBe(dueMs);
      expect(step(state, { ...began(phase, deadline(state)!), atMs: state.nowMs })).toEqual({
        state,
        events: [],
        effects: [],
      });
    }
  });

  test('a lineup has until the last turn of all', () => {
    const moved = after(training, began('lineup', 99_999), ...receipts.map(receipt));
    expect(deadline(moved)).toBe(4_000);
    expect(deadline(late(late(moved)))).toBe(99_999);
    expect(deadline(after(late(late(moved)), began('lineup', 88_888)))).toBe(88_888);
  });

  test('opening and commit are one phase there', () => {
    expect(deadline(after(opening, began('commit')))).toBe(dueMs - commitMs);
    expect(deadline(late(after(opening, began('commit'))))).toBe(dueMs);
    // However late a follower's own timer is.
    expect(deadline(step(opening, { kind: 'time', atMs: 50_000 }).state)).toBe(deadline(committing));
  });

  test('do not pass here: the follower asks for the closing, and goes with what the ledger says', () => {
    const quorum = after(committing, commit(0), commit(1));
    for (const [state, phase] of [
      [lateLineup(), 'lineup'],
      [quorum, 'commit'],
      [revealing, 'reveal'],
      [late(late(late(settling))), 'settlement'],
      [gatheringRun, 'gathering'],
      [after(training, { kind: 'pause' }, { kind: 'void', round: 0 }), 'paused'],
    ] as const) {
      const far = deadline(state)! + 1e9;
      const message = step(state, { kind: 'receipt', receipt: receiptOf(trainerId(1), 5, 0), atMs: far });
      expect(message.effects.map(({ kind }) => kind)).not.toContain('closePhase');
      const { state: same, effects } = step(state, { kind: 'time', atMs: far });
      expect(same).toBe(state);
      expect(effects).toMatchObject([{ kind: 'closePhase', to: 'anybody', of: { phase } }]);
    }
    expect(openRound(after(quorum, began('reveal')))?.phase).toMatchObject({ kind: 'reveal', dueMs });
    // All have committed before all keys are here, or nobody has closed the opening phase.
    expect(openRound(after(opening, began('reveal')))?.phase).toMatchObject({ kind: 'reveal', dueMs });
    const settles = after(after(revealing, reveal(1)), began('settlement', dueMs));
    expect(openRound(settles)?.phase).toMatchObject({
      kind: 'settlement',
      attempt: 0,
      tallies: [1, 2],
      dueMs: dueMs - 3 * settlementMs,
    });
    expect(refusal(opening, began('settlement'))).toBe('early');
    expect(refusal(settling, began('reveal'))).toBe('stale');
  });

  const lateLineup = () => late(late(lineupPhase));

  test('a settlement that begins here before it does there does not end before it does there', () => {
    const phase = openRound(revealing)!.phase;
    const lastMs = phase.dueMs + 4 * settlementMs;
    let state = settling;
    const turns = [0, 1, 2, 3].map((attempt) => {
      expect(openRound(state)?.phase).toMatchObject({ kind: 'settlement', attempt });
      const dueAt = deadline(state)!;
      state = late(state);
      return dueAt;
    });
    expect(turns).toEqual([3, 2, 1, 0].map((left) => lastMs - left * settlementMs));
    // A follower that has slept goes on with whoever's turn it is.
    const slept = step(settling, { kind: 'time', atMs: lastMs - 1 }).state;
    expect(openRound(slept)?.phase).toMatchObject({ attempt: 3, dueMs: lastMs });
  });

  test('turns to settle are counted from the settlement there', () => {
    const beganMs = 200_000;
    const lastMs = beganMs + 4 * settlementMs;
    const ahead = late(late(settling));
    expect(openRound(ahead)?.phase).toMatchObject({ attempt: 2 });
    const { state, effects } = step(after(ahead, preview), {
      ...began('settlement', lastMs),
      atMs: beganMs,
    });
    expect(openRound(state)?.phase).toMatchObject({ attempt: 0, dueMs: lastMs - 3 * settlementMs });
    // What the ledger has taken in the end may not be what was seen here.
    expect(effects.filter(({ kind }) => kind === 'previewSettlement')).toHaveLength(3);
    const early = step(settling, { ...began('settlement', lastMs), atMs: settling.nowMs });
    expect(early.effects.map(({ kind }) => kind)).toEqual(['setDeadline']);
    expect(refusal(settling, began('settlement', deadline(settling)! + 3 * settlementMs))).toBeNull();
    expect(after(settling, began('settlement', deadline(settling)! + 3 * settlementMs))).toBe(settling);
  });

  test('a later preview counts, and what was signed for the one before does not', () => {
    const signed = after(previewed, merged, certificate);
    const again = after(signed, { ...preview, parent: other });
    expect(openRound(again)?.phase).toMatchObject({
      preview: { parent: other },
      merged: null,
      signatures: null,
      certified: null,
    });
    expect(refusal(again, certificate)).toBe('otherParent');
  });
});

describe('a follower that is behind the ledger goes with it', () => {
  test('a lineup counts while it trains, commitments while keys are missing, a settlement wherever it is', () => {
    const placed = after(training, ...receipts.slice(0, 1).map(receipt), {
      kind: 'lineup',
      round: 0,
      lineup,
      entries,
    });
    expect(openRound(placed)?.phase.kind).toBe('opening');
    const committed = after(placed, commit(0), commit(1), commit(2));
    expect(openRound(committed)?.phase.kind).toBe('reveal');
    for (const state of [placed, after(placed, commit(0)), committing, revealing, settling]) {
      const settled = after(state, { ...settlement, model: other });
      expect(settled).toMatchObject({
        stage: { kind: 'gathering' },
        version: 1,
        release: other,
        voidRounds: 0,
      });
    }
  });

  test.each([
    ['noReceipts', training],
    ['noLineup', lineupPhase],
    ['tooFewCommits', opening],
    ['tooFewCommits', committing],
    ['tooFewReveals', revealing],
    ['notSettled', settling],
    ['tooFewMembers', gatheringRun],
  ] as const)('a round is void, because of %s', (reason, state) => {
    const { events } = step(state, { kind: 'void', round: 0, atMs: state.nowMs });
    expect(events[0]).toMatchObject({ kind: 'roundVoided', round: 0, reason });
  });
});
