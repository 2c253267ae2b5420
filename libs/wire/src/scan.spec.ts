import { encode } from '@msgpack/msgpack';
import { describe, expect, test } from 'vitest';
import { openPost } from './check.ts';
import { bytesOf } from './fields.ts';
import { decodeMessage, encodeMessage } from './message.ts';
import { domain, examples, signer } from './messages.fixture.ts';
import { quoted, type RefusalCode } from './refusal.ts';
import { maxDepth, maxSizeBytes } from './scan.ts';

const { kind, run, sender, body, signature } = openPost(domain).sign(signer, 'receipt', examples.receipt);
const fields = {
  version: 1,
  kind,
  run: bytesOf(run),
  sender: bytesOf(sender),
  body: [body.sequence, body.base, bytesOf(body.sealed), bytesOf(body.plain), body.sizeBytes],
  signature: bytesOf(signature),
};

/** The envelope of a receipt with something else in one place. */
const envelope = (change: { readonly [K in keyof typeof fields]?: unknown } = {}): Uint8Array =>
  encode(Object.values({ ...fields, ...change }));

/** Where the sequence of a receipt is: behind the head of the message, the kind, the run, the sender and the body's head. */
const at = 2 + 1 + 'receipt'.length + 34 + 22 + 1;

const raw = (...bytes: number[]) => Uint8Array.from(bytes);

test('the envelope that the refusals below change is a message', () => {
  expect(decodeMessage(envelope())).toMatchObject({ kind: 'decoded', message: { kind, sender, body } });
});

describe('refused with its code and the place:', () => {
  const refusals: [string, Uint8Array, RefusalCode, string][] = [
    ['nothing', raw(), 'TRUNCATED', 'at byte 0'],
    ['bytes without end', new Uint8Array(maxSizeBytes + 1), 'SIZE_EXCEEDED', '65537 bytes'],
    ['a list of four thousand million', raw(0xdd, 0xff, 0xff, 0xff, 0xff), 'TRUNCATED', 'at byte 5'],
    ['a length that is cut off', raw(0xdd, 0xff), 'TRUNCATED', 'at byte 0'],
    ['a byte string of four gigabytes', raw(0xc6, 0xff, 0xff, 0xff, 0xff), 'TRUNCATED', 'at byte 5'],
    ['a text of four gigabytes', raw(0xdb, 0xff, 0xff, 0xff, 0xff, 0x61), 'TRUNCATED', 'at byte 6'],
    ['a number that is cut off', raw(0xcf, 1, 2, 3), 'TRUNCATED', 'at byte 4'],
    ['lists in lists in lists', new Uint8Array(maxSizeBytes).fill(0x91), 'NESTED_TOO_DEEP', 'deeper than 4'],
    ['a map', raw(0x81, 0xa1, 0x61, 0x01), 'FORM_REFUSED', '0x81'],
    ['a map of four thousand million', raw(0xdf, 0xff, 0xff, 0xff, 0xff), 'FORM_REFUSED', '0xdf'],
    ['a float', envelope({ version: 1.5 }), 'FORM_REFUSED', '0xcb'],
    ['a negative number', envelope({ version: -1 }), 'FORM_REFUSED', '0xff'],
    ['nil', envelope({ body: null }), 'FORM_REFUSED', '0xc0'],
    ['a date, which is an extension', envelope({ body: new Date(0) }), 'FORM_REFUSED', '0xd6'],
    ['a byte that means nothing', raw(0xc1), 'FORM_REFUSED', '0xc1'],
    ['a byte too many', Buffer.concat([envelope(), raw(0)]), 'TRAILING_BYTES', '1 bytes follow'],
    ['a number', raw(0x07), 'MALFORMED', 'not a list'],
    ['an empty list', raw(0x90), 'VERSION_UNKNOWN', 'version 1'],
    ['another version', envelope({ version: 2 }), 'VERSION_UNKNOWN', 'version 1'],
    ['another kind', envelope({ kind: 'recipe' }), 'KIND_UNKNOWN', '"recipe"'],
    ['a kind that every object has', envelope({ kind: 'toString' }), 'KIND_UNKNOWN', '"toString"'],
    ['a kind that breaks lines', envelope({ kind: 'a\u0000\n\u2028' }), 'KIND_UNKNOWN', String.raw`\u2028`],
    ['a kind that is no UTF-8', raw(0x92, 0x01, 0xa2, 0xc3, 0x28), 'KIND_UNKNOWN', 'no kind of message'],
    ['a kind that is a number', envelope({ kind: 0 }), 'KIND_UNKNOWN', 'no name'],
    ['a list too short', encode(Object.values(fields).slice(0, 5)), 'MALFORMED', 'message of the receipt'],
    ['a list too long', encode([...Object.values(fields), 0]), 'MALFORMED', 'message of the receipt'],
    ['a run as text', envelope({ run }), 'MALFORMED', 'run of the receipt'],
    ['a sender of 21 bytes', envelope({ sender: new Uint8Array(21) }), 'MALFORMED', 'sender of the receipt'],
    ['a body of another kind', envelope({ kind: 'leave' }), 'MALFORMED', 'body of the leave'],
    ['a field too few', envelope({ body: fields.body.slice(0, 4) }), 'MALFORMED', 'body of the receipt'],
    ['a field too many', envelope({ body: [...fields.body, 0] }), 'MALFORMED', 'body of the receipt'],
    [
      'a huge sequence',
      envelope({ body: [2 ** 48 + 1, ...fields.body.slice(1)] }),
      'MALFORMED',
      'body.sequence',
    ],
    // The spliced case 3908 of hostile.spec.ts, when lists were frozen by zod.
    [
      'bytes where a list belongs',
      envelope({ kind: 'release', body: [5, 4, fields.run, fields.run, new Uint8Array(16)] }),
      'MALFORMED',
      'body.signatures',
    ],
    [
      'a sequence beyond what a number holds',
      Buffer.concat([
        envelope().subarray(0, at),
        raw(0xcf, ...Array<number>(8).fill(0xff)),
        envelope().subarray(at + 1),
      ]),
      'MALFORMED',
      'body.sequence',
    ],
    [
      'a signature of 65 bytes',
      envelope({ signature: new Uint8Array(65) }),
      'MALFORMED',
      'signature of the receipt',
    ],
  ];
  test.each(refusals)('%s', (_what, bytes, code, place) => {
    const outcome = decodeMessage(bytes);
    expect(outcome).toMatchObject({ kind: 'refused', code });
    expect(outcome).toHaveProperty('reason', expect.stringContaining(place));
  });

  test('every end that a connection may cut', () => {
    const bytes = envelope();
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeMessage(bytes.subarray(0, length))).toMatchObject({ code: 'TRUNCATED' });
    }
  });

  test('lineups that are out of order, hold a Trainer twice, or nobody', () => {
    const entry = (number: number) => ({ number, receipt: run });
    const proposal = openPost(domain).sign(signer, 'lineupProposal', examples.lineupProposal);
    for (const entries of [[], [entry(2), entry(1)], [entry(1), entry(1)]]) {
      const wire = [4, 0, fields.run, entries.map(({ number }) => [number, fields.run])];
      const bytes = envelope({ kind: 'lineupProposal', body: wire });
      expect(decodeMessage(bytes)).toMatchObject({ code: 'MALFORMED', facts: { place: 'body.entries' } });
      expect(() => encodeMessage({ ...proposal, body: { ...proposal.body, entries } })).toThrow();
    }
  });
});

test('no depth is refused that a message has', () => {
  const deep = (levels: number) => raw(...Array<number>(levels).fill(0x91), 0);
  expect(decodeMessage(deep(maxDepth))).toMatchObject({ code: 'VERSION_UNKNOWN' });
  expect(decodeMessage(deep(maxDepth + 1))).toMatchObject({ code: 'NESTED_TOO_DEEP' });
});

test('a stranger writes neither long nor strange log lines', () => {
  expect(quoted('x'.repeat(1000))).toHaveLength(85);
  expect(quoted('\u001b[31m\r\n\u202e')).toMatch(/^[ -~]+$/);
});
