import { expect, test } from 'vitest';
import {
  configOf,
  gathering,
  openRun,
  receiptOf,
  run,
  trainerId,
  validatorId,
} from '../../../test/soak/cast.ts';
import { overdue } from '../../../test/soak/chain.ts';
import { committee, createRun, type Input, proposer, type RunState, step, whoIsWaitedFor } from './index.ts';

const at = (state: RunState, ...inputs: object[]) =>
  inputs.reduce<RunState>((s, input) => step(s, { atMs: s.nowMs, ...input } as Input).state, state);
const late = (state: RunState) => at(state, ...overdue(state));
const three = [1n, 1n, 1n];
const all = [0, 1, 2].map(validatorId);

test('a run waits for its Sponsor, then for members', () => {
  const created = createRun(configOf({ minTrainers: 2, minValidators: 3 }), 5);
  expect(whoIsWaitedFor(created)).toEqual({
    round: null,
    phase: 'created',
    attempt: 0,
    dueMs: 60_005,
    actors: ['sponsor'],
    places: { trainers: 0, validators: 0 },
  });
  const some = at(created, ...gathering(1, [1n]).map((input) => ({ ...input, atMs: 7 })));
  expect(whoIsWaitedFor(some)).toMatchObject({
    phase: 'gathering',
    dueMs: 60_007,
    actors: [],
    places: { trainers: 1, validators: 2 },
  });
  const enough = at(created, ...gathering(2, three));
  expect(whoIsWaitedFor(enough)).toMatchObject({ phase: 'gathering', actors: ['anybody'] });
});

test('a round waits for whoever has not done his part yet', () => {
  const training = at(openRun({}, 2, three), { kind: 'receipt', receipt: receiptOf(trainerId(0), 0, 0) });
  expect(whoIsWaitedFor(training)).toMatchObject({
    round: 0,
    phase: 'training',
    dueMs: 10_000,
    actors: [trainerId(1)],
  });
  const receipts = [0, 1].map((i) => receiptOf(trainerId(i), 0, 0));
  const entries = receipts.map(({ trainer, sequence, base, digest }) => ({
    trainer,
    sequence,
    base,
    receipt: digest,
  }));
  const lineupPhase = at(training, { kind: 'receipt', receipt: receipts[1] });
  const first = proposer(lineupPhase, 0, 0)!;
  expect(whoIsWaitedFor(lineupPhase).actors).toEqual([first]);

  const proposed = at(lineupPhase, {
    kind: 'proposal',
    round: 0,
    attempt: 0,
    parent: run,
    proposer: first,
    lineup: run,
    entries,
  });
  expect(whoIsWaitedFor(proposed).actors).toEqual(all.filter((id) => id !== first));
  const short = at(lineupPhase, {
    kind: 'proposal',
    round: 0,
    attempt: 0,
    parent: run,
    proposer: first,
    lineup: run,
    entries: [entries[0]],
  });
  expect(whoIsWaitedFor(short).actors).toEqual(all.filter((id) => id !== first));

  const opening = at(
    lineupPhase,
    { kind: 'lineup', round: 0, lineup: run, entries },
    { kind: 'opened', round: 0, trainer: trainerId(1), sequence: 0, intact: true },
  );
  expect(whoIsWaitedFor(opening)).toMatchObject({ phase: 'opening', actors: [trainerId(0)] });
  const committing = at(
    late(opening),
    { kind: 'commit', round: 0, validator: validatorId(2), commitment: run },
    { kind: 'scored', round: 0, validator: validatorId(1) },
  );
  expect(whoIsWaitedFor(committing)).toMatchObject({
    phase: 'commit',
    actors: [validatorId(0), validatorId(1)],
  });
  const revealing = at(
    late(at(committing, { kind: 'commit', round: 0, validator: validatorId(0), commitment: run })),
    { kind: 'reveal', round: 0, validator: validatorId(0), scores: [1, 2] },
  );
  expect(whoIsWaitedFor(revealing)).toMatchObject({ phase: 'reveal', actors: [validatorId(2)] });
  const settling = at(revealing, { kind: 'reveal', round: 0, validator: validatorId(2), scores: [1, 2] });
  expect(whoIsWaitedFor(settling)).toMatchObject({ phase: 'settlement', attempt: 0, actors: all });
  expect(whoIsWaitedFor(late(late(late(settling))))).toMatchObject({ attempt: 3, actors: ['anybody'] });
});

test('a paused run waits for its Sponsor, an ended one for nobody', () => {
  const paused = at(openRun({}, 2, three), { kind: 'pause' }, { kind: 'void', round: 0 });
  expect(whoIsWaitedFor(paused)).toMatchObject({ round: null, phase: 'paused', actors: ['sponsor'] });
  expect(whoIsWaitedFor(late(paused))).toMatchObject({ phase: 'finished', dueMs: null, actors: [] });
});

test('committee and proposer of a later round are what they would be now', () => {
  const state = openRun({}, 2, [3n, 2n, 1n]);
  expect(committee(state, 0)).toEqual(committee(state, 5));
  const turns = [0, 1, 2].map((attempt) => proposer(state, 5, attempt));
  expect(turns.sort()).toEqual(all);
});
