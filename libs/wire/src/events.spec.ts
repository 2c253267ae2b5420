import { describe, expect, expectTypeOf, test } from 'vitest';
import { type Event, isInput } from '#libs/protocol';
import type { Input, InputOf, Receipt } from '#libs/protocol';
import fc from 'fast-check';
import type { z } from 'zod';
import { Network } from '../../../test/soak/network.ts';
import { scenarioOf } from '../../../test/soak/scenario.ts';
import type { Bodies } from './bodies.ts';
import { receiptOf } from './check.ts';
import type { event } from './events.ts';
import { lineupDigest } from './digests.ts';
import type { Message } from './message.ts';
import { messages } from './messages.fixture.ts';
import { formatEvent, parseEvent } from './run-folder.ts';

type Parsed = z.output<typeof event>;

/** A type without read-only marks, which say who may change a value and not what it is. */
type Thawed<T> = T extends readonly (infer E)[]
  ? Thawed<E>[]
  : T extends object
    ? { -readonly [K in keyof T]: Thawed<T[K]> }
    : T;
/** The one of a union whose `kind` can be K, with that kind. */
type OfKind<T, K> = T extends { readonly kind: infer Kinds }
  ? K extends Kinds
    ? Omit<T, 'kind'>
    : never
  : never;
type Same<A, B> = [Thawed<A>, Thawed<B>] extends [Thawed<B>, Thawed<A>] ? true : false;

// Judged by TypeScript (`npm run types`): an event, a field or a bound kind that only one of the two has is an error there.
test('events and their schemas agree', () => {
  expectTypeOf<Parsed['kind']>().toEqualTypeOf<Event['kind']>();
  type Agrees = { [K in Event['kind']]: Same<OfKind<Parsed, K>, OfKind<Event, K>> };
  expectTypeOf<Agrees>().toEqualTypeOf<Record<Event['kind'], true>>();
  expectTypeOf<Same<{ a: 1 }, { a: 1; b: 2 }>>().toEqualTypeOf<false>();
});

test('messages say what the protocol wants to hear', () => {
  type Heard<K extends Input['kind'], Known extends PropertyKey = never> = Omit<
    InputOf<K>,
    'kind' | 'atMs' | Known
  >;
  expectTypeOf<Same<Bodies['receipt'], Omit<Receipt, 'trainer' | 'digest'>>>().toEqualTypeOf<true>();
  expectTypeOf<
    Same<Bodies['lineupSignature'], Heard<'lineupSignature', 'validator'>>
  >().toEqualTypeOf<true>();
  expectTypeOf<
    Same<Omit<Bodies['certificateSignature'], 'attempt'>, Heard<'certificateSignature', 'validator'>>
  >().toEqualTypeOf<true>();
  expectTypeOf<Bodies['ballot']['scores']>().toEqualTypeOf<InputOf<'reveal'>['scores']>();
});

/** What a node feeds to the protocol when it has checked a message; nothing where the ledger has the last word. */
function inputOf(message: Message, atMs: number): Input | null {
  const { sender: validator } = message;
  switch (message.kind) {
    case 'receipt':
      return { kind: 'receipt', receipt: receiptOf(message), atMs };
    case 'lineupSignature':
      return { ...message.body, kind: 'lineupSignature', validator, atMs };
    case 'certificateSignature': {
      const { round, parent, model } = message.body;
      return { kind: 'certificateSignature', round, parent, model, validator, atMs };
    }
    case 'lineupProposal': {
      const { round, attempt, parent, entries } = message.body;
      const lineup = lineupDigest(7n, round, { trainers: [1n], receiptsRoot: parent });
      const known = entries.map(({ receipt }) => ({ trainer: validator, sequence: 0, base: 0, receipt }));
      return { kind: 'proposal', round, attempt, parent, proposer: validator, lineup, entries: known, atMs };
    }
    case 'ballot':
    case 'release':
    case 'updateKey':
    case 'join':
    case 'leave':
    case 'checkIn':
      return null;
  }
}

test('no message is decoded that the protocol would call malformed', () => {
  fc.assert(
    fc.property(messages, (message) => {
      const input = inputOf(message, 1);
      expect(input === null || isInput(input)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

describe('the event log', () => {
  test('of whole runs is read as it was written, in one spelling', () => {
    const kinds = new Set<string>();
    for (const seed of [1, 2, 3]) {
      const network = new Network(scenarioOf(seed));
      network.run();
      for (const { log } of [network.ledger, ...network.followers.values()]) {
        for (const one of log) {
          const line = formatEvent(one);
          const read = parseEvent(line);
          if (read.kind === 'refused') expect.fail(`${read.reason}: ${line}`);
          expect(read.value).toEqual(one);
          kinds.add(one.kind);
        }
      }
    }
    expect(kinds.size).toBeGreaterThan(25);
  });

  const line =
    '{"kind":"joinAsked","actor":"0x00000000000000000000000000000000000000a1","role":"trainer","number":1,"bondWei":"100","atMs":5}';

  test.each([
    ['nothing', '', 'MALFORMED'],
    ['no JSON', line.slice(1), 'MALFORMED'],
    ['a list', `[${line}]`, 'MALFORMED'],
    ['white space', `${line} `, 'NOT_CANONICAL'],
    [
      'another order of the fields',
      line.replace(',"atMs":5', '').replace('{', '{"atMs":5,'),
      'NOT_CANONICAL',
    ],
    ['a field twice', line.replace('"atMs":5', '"atMs":4,"atMs":5'), 'NOT_CANONICAL'],
    ['a number in another spelling', line.replace(':5', ':5.0'), 'NOT_CANONICAL'],
    ['minus zero', line.replace(':5', ':-0'), 'NOT_CANONICAL'],
    ['an escape', line.replace('trainer', String.raw`\u0074rainer`), 'NOT_CANONICAL'],
    ['a field too many', line.replace('"atMs"', '"by":1,"atMs"'), 'MALFORMED'],
    ['a field too few', line.replace(',"atMs":5', ''), 'MALFORMED'],
    ['wei as a number', line.replace('"100"', '100'), 'MALFORMED'],
    ['wei with a zero in front', line.replace('"100"', '"0100"'), 'MALFORMED'],
    ['more wei than there are', line.replace('"100"', `"${2n ** 128n}"`), 'MALFORMED'],
    ['an address in capitals', line.replace('00a1', '00A1'), 'MALFORMED'],
    ['a kind that there is not', line.replace('joinAsked', 'joined'), 'MALFORMED'],
    ['a prototype', line.replace('"atMs"', '"__proto__":{},"atMs"'), 'MALFORMED'],
    ['nesting', '['.repeat(400_000), 'NESTED_TOO_DEEP'],
    ['nesting behind a text', `["[[[\\"]]]",${'{"a":'.repeat(100)}`, 'NESTED_TOO_DEEP'],
    ['a line without end', ' '.repeat(1_000_001), 'SIZE_EXCEEDED'],
  ])('refuses %s', (_what, text, code) => {
    expect(parseEvent(line)).toMatchObject({ kind: 'read' });
    expect(parseEvent(text)).toMatchObject({ kind: 'refused', code });
  });

  test('refuses any other text without a throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.nat(line.length - 1).map((at) => line.slice(0, at)),
        ),
        (text) => {
          expect(parseEvent(text).kind).toBe('refused');
        },
      ),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(
        fc.nat(line.length - 1),
        fc.constantFrom(...Array.from('{}[]",:\\0a ')),
        (at, character) => {
          const read = parseEvent(line.slice(0, at) + character + line.slice(at + 1));
          if (read.kind === 'read')
            expect(formatEvent(read.value)).toBe(line.slice(0, at) + character + line.slice(at + 1));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
