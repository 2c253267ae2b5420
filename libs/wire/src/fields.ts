import { type ActorId, type Digest, isActor, isDigest } from '#libs/protocol';
import { z } from 'zod';

// The fields of messages: left as MessagePack has them, right as the protocol has them. Each is a codec, so that one
// declaration reads and writes; and each has one spelling only.

/** Bytes as lower-case hexadecimal with 0x. */
export type Hex = `0x${string}`;

/** r and s of an ECDSA signature, the parity of the nonce's y in the top bit of s (EIP-2098): what the contracts take. */
export type Signature = Hex;

const signatureForm = /^0x[0-9a-f]{128}$/;

/** Largest round, sequence, version or size: the protocol's own bound. */
const lastCount = 2 ** 48;

export const hexOf = (bytes: Uint8Array): Hex =>
  `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`;

export const bytesOf = (hex: Hex): Uint8Array => Uint8Array.from(Buffer.from(hex.slice(2), 'hex'));

const binary = (length: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length, {
    error: `expected ${length} bytes`,
  });

const hexadecimal = <T extends Hex>(length: number, is: (value: unknown) => boolean) =>
  z.codec(binary(length), z.custom<T>(is, { error: `expected ${length} bytes in lower-case hexadecimal` }), {
    decode: (bytes) => hexOf(bytes) as T,
    encode: (hex) => bytesOf(hex),
  });

export const digest = hexadecimal<Digest>(32, isDigest);
export const actor = hexadecimal<ActorId>(20, isActor);
export const signature = hexadecimal<Signature>(
  64,
  (value) => typeof value === 'string' && signatureForm.test(value),
);

/** A round, sequence, version or size. */
export const count = z.int().min(0).max(lastCount);

/** How many proposers have failed before; the contracts' uint8. */
export const attempt = z.int().min(0).max(255);

export const role = z.enum(['trainer', 'validator']);

/** Tokens, in wei: 16 bytes, big-endian. */
export const wei = z.codec(
  binary(16),
  z
    .bigint()
    .min(0n)
    .max(2n ** 128n - 1n),
  {
    decode: (bytes) => BigInt(hexOf(bytes)),
    encode: (amount) => Uint8Array.from(Buffer.from(amount.toString(16).padStart(32, '0'), 'hex')),
  },
);

/**
 * A list that nobody changes, to TypeScript. (zod's own `readonly()` freezes whatever it was given, also what is no list,
 * and throws when that is a byte string.)
 */
export const readonly = <O, I>(list: z.ZodType<O[], I[]>) => list as z.ZodType<readonly O[], readonly I[]>;

/** int16, in basis points; the lowest says that the update was not there. */
export const score = z.int().min(-32_768).max(32_767);

/** A ballot's scores as the contracts take them: two bytes each, big-endian, at most 256 and the base's. */
export const scores = z.codec(
  z.custom<Uint8Array>(
    (value) =>
      value instanceof Uint8Array && value.length % 2 === 0 && value.length > 0 && value.length <= 514,
    { error: 'expected 1 to 257 scores of two bytes' },
  ),
  readonly(z.array(score).min(1).max(257)),
  {
    decode: (bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      return Array.from({ length: bytes.length / 2 }, (_, i) => view.getInt16(2 * i));
    },
    encode: (values) => packScores(values),
  },
);

/** Scores as the contracts take them: big-endian int16. */
export function packScores(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(2 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((score, i) => {
    view.setInt16(2 * i, score);
  });
  return bytes;
}

type Shape = Readonly<Record<string, z.ZodType>>;
type Values<S extends Shape> = { readonly [K in keyof S]: z.output<S[K]> };

/**
 * A record as the list of its fields' values, in the order of `shape`: names do not travel. `names` are for whoever has to
 * say which field is wrong.
 */
export function record<S extends Shape>(shape: S) {
  const names = Object.keys(shape);
  const list = z.tuple(Object.values(shape) as [z.ZodType, ...z.ZodType[]]);
  const codec = z.codec(list, z.custom<Values<S>>(), {
    decode: (values) => Object.fromEntries(names.map((name, i) => [name, values[i]])) as Values<S>,
    encode: (values) => names.map((name) => values[name]) as z.output<typeof list>,
  });
  return Object.assign(codec, { names });
}
