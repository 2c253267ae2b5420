import { describe, expect, test } from 'vitest';
import { type Generator, generator } from '#libs/random';
import { kinds } from './bodies.ts';
import { openPost } from './check.ts';
import { encodeMessage } from './message.ts';
import { domain, examples, signer, stranger } from './messages.fixture.ts';
import { refusalCodes } from './refusal.ts';
import { subjectOf } from './subject.ts';

/** Byte strings to try; a million take some minutes. */
const cases = Number(process.env.FLOBC_WIRE_CASES ?? 50_000);

const author = openPost(domain);
const valid = kinds.map((kind) => encodeMessage(author.sign(signer, kind, examples[kind])));
const isValid = (bytes: Uint8Array) => valid.some((one) => Buffer.from(one).equals(bytes));

/** Whatever the bytes are: an answer, that a log line can hold; and only what the signer has said is accepted. */
function answer(bytes: Uint8Array, post = author) {
  const outcome = post.check(bytes);
  if (outcome.kind === 'checked') {
    if (!isValid(bytes)) expect.fail('a message that nobody has signed');
  } else {
    expect(refusalCodes).toContain(outcome.code);
    if (outcome.reason.length > 300 || /[^ -~]/.test(outcome.reason)) {
      expect.fail(`a log line cannot hold: ${JSON.stringify(outcome.reason)}`);
    }
  }
  return outcome;
}

type Maker = (random: Generator) => Uint8Array;

const anyBytes = (random: Generator, length: number) =>
  Uint8Array.from({ length }, () => random.integer(256));

const randomBytes: Maker = (random) => anyBytes(random, random.integer(300));

/** Values in lists in lists, of every form that a message has and some that it has not, now and then cut off. */
const randomValues: Maker = (random) => {
  const value = (depth: number): number[] => {
    const length = random.integer(8);
    switch (random.integer(depth > 5 ? 5 : 8)) {
      case 0:
        return [random.integer(128)];
      case 1:
        return [0xcc + random.integer(4), ...anyBytes(random, 2 ** random.integer(4))];
      case 2:
        return [0xa0 + length, ...anyBytes(random, length)];
      case 3:
        return [
          0xc4,
          [20, 32, 64][random.integer(3)]!,
          ...anyBytes(random, [20, 32, 64][random.integer(3)]!),
        ];
      case 4:
        return [0xc0 + random.integer(32), ...anyBytes(random, length)];
      default:
        return [0x90 + length, ...Array.from({ length }, () => value(depth + 1)).flat()];
    }
  };
  const bytes = value(0);
  return Uint8Array.from(random.integer(4) > 0 ? bytes : bytes.slice(0, random.integer(bytes.length + 1)));
};

/** A valid message with one to four bytes changed, cut out or put in. */
const changed: Maker = (random) => {
  let bytes = [...valid[random.integer(valid.length)]!];
  for (let change = random.integer(4); change >= 0; change--) {
    const at = random.integer(bytes.length);
    const inserted = random.integer(2) ? [random.integer(256)] : [];
    bytes = [...bytes.slice(0, at), ...inserted, ...bytes.slice(at + random.integer(2))];
  }
  return Uint8Array.from(bytes);
};

/** The head of one valid message and the tail of another, or of the same at another place. */
const spliced: Maker = (random) => {
  const head = valid[random.integer(valid.length)]!;
  const tail = valid[random.integer(valid.length)]!;
  const rest = tail.subarray(random.integer(tail.length));
  return Buffer.concat([head.subarray(0, random.integer(head.length + 1)), rest]);
};

/** A valid message in which a run of bytes stands where it should not: digests, keys and lengths change places. */
const moved: Maker = (random) => {
  const bytes = Uint8Array.from(valid[random.integer(valid.length)]!);
  const length = 1 + random.integer(70);
  const from = random.integer(bytes.length);
  return bytes.copyWithin(random.integer(bytes.length), from, from + length);
};

describe(`${cases} byte strings, none of which throws or passes for what nobody has said:`, () => {
  const makers = { randomBytes, randomValues, changed, spliced, moved };
  const each = Math.ceil(cases / Object.keys(makers).length);

  test.each(Object.entries(makers))(
    '%s',
    (name, make) => {
      const codes = new Set<string>();
      for (let number = 0; number < each; number++) {
        const bytes = make(generator('hostile messages').split(name, number));
        try {
          const outcome = answer(bytes);
          codes.add(outcome.kind === 'refused' ? outcome.code : outcome.kind);
        } catch (error) {
          const hex = Buffer.from(bytes).toString('hex');
          throw new Error(`case ${number} of ${name}: check(Buffer.from('${hex}', 'hex'))`, { cause: error });
        }
      }
      // A maker whose bytes all fail at the first look would not try much.
      expect(codes.size).toBeGreaterThanOrEqual(name.startsWith('random') ? 4 : 7);
    },
    600_000,
  );
});

describe.each(kinds)('%s', (kind) => {
  const message = author.sign(signer, kind, examples[kind]);
  const bytes = encodeMessage(message);

  test('no byte of it can be changed', () => {
    const random = generator('one bit').split(kind);
    for (let at = 0; at < bytes.length; at++) {
      const other = Uint8Array.from(bytes);
      other[at]! ^= 1 << random.integer(8);
      expect(answer(other).kind, `byte ${at}`).toBe('refused');
    }
  });

  test('it has no other spelling', () => {
    const spellings = respelled(bytes);
    expect(spellings.length).toBeGreaterThan(6);
    for (const spelling of spellings) expect(answer(spelling)).toMatchObject({ code: 'NOT_CANONICAL' });
  });

  test('it is of its run, ledger, chain and number, and of nobody else', () => {
    const { ledger, chainId, number, run } = domain;
    const others = {
      RUN_DIFFERS: [{ ...domain, run: `0x${'0f'.repeat(32)}` as const }],
      SIGNER_DIFFERS: [
        { ...domain, ledger: `0x${'0f'.repeat(20)}` as const },
        { ...domain, chainId: chainId + 1n },
        { ...domain, number: number + 1n },
      ],
    };
    expect(openPost({ ledger, chainId, number, run }).check(bytes).kind).toBe('checked');
    for (const [code, places] of Object.entries(others)) {
      for (const place of places) expect(answer(bytes, openPost(place))).toMatchObject({ code });
    }
    const stolen = encodeMessage({ ...message, sender: stranger.address });
    expect(answer(stolen)).toMatchObject({ code: 'SIGNER_DIFFERS', facts: { signer: stranger.address } });
  });

  test('it counts under its own subject only', () => {
    const other = kinds.find((one) => one !== kind)!;
    const subjects = [
      subjectOf({ ...message, kind: other }),
      subjectOf({ ...message, sender: stranger.address }),
      subjectOf({ ...message, run: `0x${'0f'.repeat(32)}` }),
      '',
      'flobc',
      `${subjectOf(message)}.more`,
      subjectOf(message).replace('.v1.', '.v2.'),
      subjectOf(message).toUpperCase(),
      'flobc.v1.\u0000.\u2028.\n',
    ];
    expect(author.check(bytes, subjectOf(message)).kind).toBe('checked');
    for (const subject of subjects)
      expect(author.check(bytes, subject)).toMatchObject({ code: 'SUBJECT_DIFFERS' });
  });
});

/** Spellings that a MessagePack decoder reads as the same message: each has one value in a longer form. */
function respelled(bytes: Uint8Array): Uint8Array[] {
  const spellings: Uint8Array[] = [];
  let at = 0;
  const replace = (length: number, ...head: number[]) => {
    spellings.push(
      Buffer.concat([bytes.subarray(0, at), Uint8Array.from(head), bytes.subarray(at + length)]),
    );
  };
  while (at < bytes.length) {
    const tag = bytes[at]!;
    const next = bytes[at + 1]!;
    if (tag <= 0x7f) replace(1, 0xcc, tag);
    if (tag === 0xcc) replace(2, 0xcd, 0, next);
    if (tag === 0xcd) replace(1, 0xce, 0, 0);
    if (tag === 0xce) replace(1, 0xcf, 0, 0, 0, 0);
    if ((tag & 0xf0) === 0x90) replace(1, 0xdc, 0, tag & 0x0f);
    if ((tag & 0xe0) === 0xa0) replace(1, 0xd9, tag & 0x1f);
    if (tag === 0xc4) replace(2, 0xc5, 0, next);
    const uint = tag >= 0xcc && tag <= 0xcf ? 2 ** (tag - 0xcc) : 0;
    const text = (tag & 0xe0) === 0xa0 ? tag & 0x1f : 0;
    at += 1 + uint + text + (tag === 0xc4 ? 1 + next : 0);
  }
  return spellings;
}
