import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  configOf,
  openRun,
  receiptOf,
  schemes,
  trainerId,
  withOpenRound,
} from '../../../../test/soak/cast.ts';
import { deadline, openRound, type RunState, step } from '../index.ts';
import { inFlightMs } from '../phases/training.ts';
import { schemeOf } from './index.ts';

const scheme = (fields: object) => schemeOf(configOf({ scheme: fields }).scheme);
const three = [1n, 1n, 1n];
const deliver = (state: RunState, trainer: number, sequence: number, base = 0) =>
  step(state, { kind: 'receipt', atMs: state.nowMs, receipt: receiptOf(trainerId(trainer), sequence, base) });
const phaseOf = (state: RunState) => openRound(state)?.phase.kind;
const late = (state: RunState) => step(state, { kind: 'time', atMs: deadline(state)! }).state;

const attendance = fc.nat(20).chain((expected) =>
  fc.nat(expected).chain((present) =>
    fc.record({
      expected: fc.constant(expected),
      present: fc.constant(present),
      current: fc.nat(present),
      ready: fc.integer({ min: present, max: 60 }),
    }),
  ),
);

describe('every scheme', () => {
  test.each(Object.entries(schemes))('%s: more receipts never undo a close', (_, fields) => {
    const { closes } = scheme(fields);
    fc.assert(
      fc.property(attendance, fc.boolean(), (before, extended) => {
        fc.pre(before.present < before.expected);
        const after = {
          ...before,
          present: before.present + 1,
          current: before.current + 1,
          ready: before.ready + 1,
        };
        expect(!closes(before, extended) || closes(after, extended)).toBe(true);
      }),
    );
  });

  test.each(Object.entries(schemes))('%s: its last deadline is not past the longest', (_, fields) => {
    const { windowMs, longestMs, overdue } = scheme(fields);
    fc.assert(
      fc.property(attendance, (who) => {
        const first = overdue(who, false);
        expect(windowMs + (first.kind === 'extend' ? first.byMs : 0)).toBeLessThanOrEqual(longestMs);
        expect(overdue(who, true)).toEqual({ kind: 'close' });
      }),
    );
  });
});

describe('BSP', () => {
  test('closes with the last of its Trainers, and asks each for one update of a version', () => {
    const start = openRun({}, 3, three);
    const one = deliver(start, 0, 0);
    expect(one.effects.filter(({ kind }) => kind === 'startTraining')).toEqual([]);
    const two = deliver(one.state, 1, 0).state;
    expect(phaseOf(two)).toBe('training');
    expect(phaseOf(deliver(two, 2, 0).state)).toBe('lineup');
  });

  test('does not take a late receipt for the one of this round', () => {
    const start = { ...openRun({}, 1, three), version: 1 };
    const stage =
      start.stage.kind === 'round'
        ? { ...start.stage, round: { ...start.stage.round, version: 1 } }
        : start.stage;
    const behind = deliver({ ...start, stage }, 0, 0, 0).state;
    expect(phaseOf(behind)).toBe('training');
    expect(phaseOf(deliver(behind, 0, 1, 1).state)).toBe('lineup');
  });
});

describe('SSP', () => {
  test('waits for its period, then once more for the share that is missing', () => {
    let state = openRun({ scheme: schemes.ssp }, 4, three);
    for (const i of [0, 1, 2]) state = deliver(state, i, 0).state;
    const extended = late(state);
    expect(phaseOf(extended)).toBe('training');
    expect(deadline(extended)).toBe(10_000 + 2_500);
    expect(phaseOf(deliver(extended, 3, 0).state)).toBe('lineup');
    expect(phaseOf(late(extended))).toBe('lineup');
    const all = deliver(state, 3, 0).state;
    expect(phaseOf(all)).toBe('training');
    expect(phaseOf(late(all))).toBe('lineup');
  });

  test('asks for up to three updates, of which the newest counts', () => {
    let state = openRun({ scheme: schemes.ssp }, 2, three);
    const asked = [0, 1, 2].map((sequence) => {
      const taken = deliver(state, 0, sequence);
      state = taken.state;
      return taken.effects.filter(({ kind }) => kind === 'startTraining').length;
    });
    expect(asked).toEqual([1, 1, 0]);
    const closed = step(late(state), { kind: 'time', atMs: 99_999 });
    const proposed = closed.effects.find((effect) => effect.kind === 'proposeLineup');
    expect(proposed?.entries.map(({ sequence }) => sequence)).toEqual([2]);
  });
});

describe('BAP', () => {
  test.each([
    [{ numerator: 3, denominator: 5 }, 3],
    [{ numerator: 1, denominator: 1 }, 5],
    [{ numerator: 1, denominator: 100 }, 1],
  ])('closes with %j of five Trainers', (quorumRatio, needed) => {
    let state = openRun({ scheme: { ...schemes.bap, quorumRatio } }, 5, three);
    for (let i = 0; i < needed; i++) {
      expect(phaseOf(state)).toBe('training');
      state = deliver(state, i, 0).state;
    }
    if (needed < 5) state = late(state);
    expect(phaseOf(state)).toBe('lineup');
    // Nobody waits: the next training starts while the others vote.
    expect(deliver(state, 0, 1).effects).toMatchObject([
      { kind: 'startTraining', to: trainerId(0), base: 0 },
    ]);
  });
});

test('a scheme that need not wait for all waits for the receipts on their way: in whatever order, all close with the same', () => {
  const start = openRun({ scheme: schemes.bap }, 5, three);
  const required = fc.sample(fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), 20).map((order) => {
    const all = order.reduce((state, trainer) => deliver(state, trainer, 0).state, start);
    expect(phaseOf(all)).toBe('training');
    expect(deadline(all)).toBe(start.nowMs + inFlightMs);
    const phase = openRound(late(all))?.phase;
    return phase?.kind === 'lineup' ? phase.required : null;
  });
  expect(required[0]).toHaveLength(4);
  for (const one of required) expect(one).toEqual(required[0]);
});

describe('buffered', () => {
  test('closes with K Trainers, whoever they are, and takes the newest receipt of each', () => {
    let state = openRun({ scheme: { ...schemes.buffered, capacity: 3 } }, 4, three);
    for (const [trainer, sequence] of [[3, 0], [0, 0], [0, 1]] as const) state = deliver(state, trainer, sequence).state; // prettier-ignore
    expect(phaseOf(state)).toBe('training');
    const closed = step(late(deliver(state, 1, 0).state), { kind: 'time', atMs: 99_999 });
    const proposed = closed.effects.find((effect) => effect.kind === 'proposeLineup');
    expect(proposed?.entries.map(({ trainer, sequence }) => [trainer, sequence])).toEqual([
      [trainerId(0), 1],
      [trainerId(1), 0],
      [trainerId(3), 0],
    ]);
  });

  test('counts Trainers that the round does not expect, but none that is suspended', () => {
    const fields = { minTrainers: 1, scheme: { ...schemes.buffered, capacity: 2 }, sampleSize: 1 };
    const suspended = step(openRun(fields, 4, three), {
      kind: 'suspend',
      atMs: 0,
      actor: trainerId(0),
    }).state;
    let state = withOpenRound(step(suspended, { kind: 'void', atMs: 0, round: 0 }).state);
    for (const trainer of [0, 1]) state = deliver(state, trainer, 0).state;
    expect(openRound(state)?.attendance).toMatchObject({ expected: 1, ready: 1 });
    expect(phaseOf(deliver(state, 2, 0).state)).toBe('lineup');
  });
});

test('of more receipts than a lineup holds, those from older versions go first, then the drawn ones; the rest wait', () => {
  const start = {
    ...openRun(
      { maxLineup: 3, scheme: { ...schemes.bap, quorumRatio: { numerator: 1, denominator: 1 } } },
      8,
      three,
    ),
    version: 1,
  };
  let state: RunState = start;
  for (let i = 0; i < 8; i++) state = deliver(state, i, 0, i === 6 ? 0 : 1).state;
  const phase = openRound(state)?.phase;
  const chosen = phase?.kind === 'lineup' ? phase.required.map(({ trainer }) => trainer) : [];
  expect(chosen.length).toBe(3);
  expect(chosen).toContain(trainerId(6));
  expect(chosen).toEqual([...chosen].sort());
  expect(openRound(state)?.attendance.ready).toBe(8);
});
