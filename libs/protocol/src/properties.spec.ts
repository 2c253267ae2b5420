import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { digestOf, openRun, receiptOf, schemes, trainerId, validatorId } from '../../../test/soak/cast.ts';
import { fingerprint } from '../../../test/soak/fingerprint.ts';
import { overdue } from '../../../test/soak/chain.ts';
import { Network } from '../../../test/soak/network.ts';
import { scenarioOf } from '../../../test/soak/scenario.ts';
import {
  clockOf,
  deadline,
  duties,
  type Effect,
  entriesOf,
  type Event,
  type Input,
  isEquivocation,
  isInput,
  openRound,
  replay,
  type RunState,
  slotKey,
  step,
  whoIsWaitedFor,
} from './index.ts';

/** States that a soak run really passes through, each with the input that came next. */
const reached: { readonly state: RunState; readonly input: Input }[] = [];

beforeAll(() => {
  for (const seed of [0, 1, 2, 3, 5, 8, 13, 21]) {
    let steps = 0;
    const network = new Network(scenarioOf(seed), (state, input) => {
      if (steps++ % 37 === 0) reached.push({ state, input });
    });
    network.run();
  }
});

const moment = () => fc.nat(reached.length - 1).map((i) => reached[i]!);
const ended = ({ stage }: RunState) => stage.kind === 'finished' || stage.kind === 'halted';
const isRefusal = ({ kind }: Event) => kind === 'inputRejected';
/** A state without its counters. */
const bare = (state: RunState) => fingerprint({ ...state, rejections: {} });

/** Freezes all of a value, so that changing it throws. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) freeze(part);
  }
  return value;
}

describe('step is pure and total', () => {
  test('the same input gives the same result, and the state it starts from stays as it was', () => {
    fc.assert(
      fc.property(moment(), ({ state, input }) => {
        const before = fingerprint(freeze(state));
        expect(step(state, freeze(input))).toEqual(step(state, input));
        expect(fingerprint(state)).toBe(before);
      }),
    );
  });

  test('anything whatever in the place of an input is refused and counted', () => {
    const hostile = fc.constantFrom(
      { kind: 'time', get atMs(): number { throw new Error('a getter'); } }, // prettier-ignore
      new Proxy({}, { get: () => { throw new Error('a proxy'); } }), // prettier-ignore
    );
    const garbage = fc.oneof(
      { weight: 20, arbitrary: fc.anything({ withBigInt: true, withNullPrototype: true }) },
      { weight: 1, arbitrary: hostile },
    );
    fc.assert(
      fc.property(moment(), garbage, ({ state }, value) => {
        fc.pre(!isInput(value));
        const { state: after, events, effects } = step(state, value as never);
        expect(events).toEqual([
          { kind: 'inputRejected', code: 'malformed', input: null, actor: null, atMs: state.nowMs },
        ]);
        expect(effects).toEqual([]);
        expect(bare(after)).toBe(bare(state));
      }),
      { numRuns: 2000 },
    );
  });

  test('a real input with any part of it replaced never throws, in any state', () => {
    const values = fc.oneof(
      fc.anything({ withBigInt: true }),
      fc.constantFrom(
        0,
        1,
        -1,
        2 ** 48,
        8.64e15,
        digestOf('other'),
        trainerId(1),
        validatorId(0),
        validatorId(99),
        'training',
        'settlement',
      ),
    );
    fc.assert(
      fc.property(moment(), moment(), fc.nat(), values, ({ state }, { input }, which, value) => {
        const paths = pathsOf(input);
        const { state: after, events } = step(
          state,
          replaced(input, paths[which % paths.length]!, value) as never,
        );
        expect(deadline(after) === null).toBe(ended(after));
        expect(fingerprint(replay(state, events))).toBe(fingerprint(after));
      }),
      { numRuns: 5000 },
    );
  });
});

describe('events are the product', () => {
  test('replaying the events of a step gives its state', () => {
    for (const { state, input } of reached) {
      const { state: after, events } = step(state, input);
      expect(fingerprint(replay(state, events))).toBe(fingerprint(after));
    }
  });

  test('a duplicate changes nothing but a counter', () => {
    for (const { state, input } of reached) {
      const once = step(state, input).state;
      const { state: twice, events, effects } = step(once, input);
      expect(events.every(isRefusal)).toBe(true);
      expect(effects.every(({ kind }) => kind === 'shareReceipts' || kind === 'closePhase')).toBe(true);
      expect(bare(twice)).toBe(bare(once));
    }
  });

  test('any order of the inputs before the close gives the same lineup', () => {
    const kinds = fc.constantFrom(...Object.values(schemes));
    const sent = fc.uniqueArray(
      fc.record({ trainer: fc.nat(4), sequence: fc.nat(4), variant: fc.constantFrom(0, 0, 0, 1) }),
      { selector: ({ trainer, sequence, variant }) => `${trainer}/${sequence}/${variant}`, maxLength: 12 },
    );
    const orders = sent.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(kinds, orders, (scheme, [order, other]) => {
        // Too many Trainers, and too large a buffer, for the close to come before the deadline.
        const start = openRun(
          { scheme: { ...scheme, ...('capacity' in scheme ? { capacity: 256 } : {}) } },
          12,
          [1n, 1n, 1n],
        );
        const lineup = (receipts: typeof order) => {
          const inputs = receipts.map(({ trainer, sequence, variant }): Input => ({
            kind: 'receipt',
            atMs: 1,
            receipt: receiptOf(trainerId(trainer), sequence, 0, variant),
          }));
          const state = inputs.reduce((at, input) => step(at, input).state, start);
          const close: Effect[] = [];
          let at = state;
          while (openRound(at)?.phase.kind === 'training') {
            const taken = step(at, { kind: 'time', atMs: deadline(at)! });
            close.push(...taken.effects);
            at = taken.state;
          }
          return close.filter(({ kind }) => kind === 'proposeLineup');
        };
        expect(lineup(other)).toEqual(lineup(order));
      }),
      { numRuns: 300 },
    );
  });

  test('after a restart nothing is due that has not been asked for already', () => {
    for (const seed of [4, 7]) {
      const asked = new Set<string>();
      const key = ({ kind, to, ...rest }: Effect) =>
        JSON.stringify([kind, to, 'round' in rest ? rest.round : null]);
      const network = new Network(scenarioOf(seed), (state, input) => {
        if (state !== network.ledger.state) return;
        for (const effect of step(state, input).effects) asked.add(key(effect));
        for (const duty of duties(state)) expect(asked).toContain(key(duty));
      });
      network.run();
    }
  });
});

describe('no round waits for ever', () => {
  test('every state but the ends has a deadline and names whom it waits for', () => {
    for (const { state } of reached) {
      expect(deadline(state) === null).toBe(ended(state));
      const waiting = whoIsWaitedFor(state);
      expect(waiting.dueMs).toBe(deadline(state));
      expect(new Set(waiting.actors).size).toBe(waiting.actors.length);
      if (ended(state)) expect(waiting.actors).toEqual([]);
    }
  });

  /** The deadline passes: the follower's own, or the ledger's, and somebody closes the phase there. */
  const pass = (state: RunState) => overdue(state).reduce((at, input) => step(at, input).state, state);

  test('passing all deadlines with no other input leads to the next round, or to an end', () => {
    for (const { state } of reached) {
      let at = state;
      // Six phases, of which two have an attempt for each of three proposers; more would be a circle.
      for (let passed = 0; passed < 12 && at.rounds === state.rounds && !ended(at); passed++) at = pass(at);
      expect(at.rounds > state.rounds || ended(at)).toBe(true);
    }
  });

  test("what the ledger keeps does not pass by a follower's clock", () => {
    for (const { state } of reached) {
      if (clockOf(state) === 'own' || ended(state)) continue;
      const { state: after, effects } = step(state, { kind: 'time', atMs: deadline(state)! + 1 });
      if (state.stage.kind === 'created') expect(ended(after)).toBe(true);
      else {
        expect(after).toBe(state);
        expect(effects.map(({ kind }) => kind)).toEqual(['closePhase']);
      }
    }
  });

  test('left alone altogether, a run comes to its end', () => {
    for (const { state } of reached.slice(0, 200)) {
      let at = state;
      let passed = 0;
      for (; !ended(at); passed++) at = pass(at);
      expect(passed).toBeLessThanOrEqual(12 * (state.config.maxVoidRounds + 1));
    }
  });
});

describe('statements', () => {
  test('slots of honest statements differ by kind, round, attempt and parent', () => {
    const slot = fc.oneof(
      fc.record({ kind: fc.constant('receipt' as const), sequence: fc.nat(3) }),
      fc.record({
        kind: fc.constantFrom('lineup' as const, 'certificate' as const),
        round: fc.nat(2),
        attempt: fc.nat(2),
        parent: fc.constantFrom(digestOf('a'), digestOf('b')),
      }),
    );
    fc.assert(
      fc.property(slot, slot, fc.boolean(), (a, b, same) => {
        const says = [digestOf('x'), digestOf(same ? 'x' : 'y')] as const;
        const sameSlot = JSON.stringify(a) === JSON.stringify(b);
        expect(slotKey(a) === slotKey(b)).toBe(sameSlot);
        expect(isEquivocation({ slot: a, says: says[0] }, { slot: b, says: says[1] })).toBe(
          sameSlot && !same,
        );
      }),
    );
  });

  test('a restart, a rotation or a reorganisation never makes an honest node look guilty', () => {
    // The ledger takes a stretch of blocks back: every Validator goes on from an earlier state, with its journal as it is.
    for (let seed = 100; seed < 112; seed++) {
      const network = new Network(scenarioOf(seed));
      network.run({ reorganiseAt: [50_000, 90_000, 170_000, 171_000, 300_000] });
      const guilty = new Set(network.trainersWithHabit('equivocates'));
      for (const follower of [network.ledger, ...network.followers.values()]) {
        for (const [actor] of entriesOf(follower.state.equivocators)) expect(guilty).toContain(actor);
      }
    }
  });
});

type Path = readonly (string | number)[];

/** Every place in a value, the value itself excepted. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, part]) => [[...path, key], ...pathsOf(part, [...path, key])]);
}

function replaced(value: unknown, [first, ...rest]: Path, by: unknown): unknown {
  if (first === undefined) return by;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
    string,
    unknown
  >;
  copy[String(first)] = replaced(copy[String(first)], rest, by);
  return copy;
}
