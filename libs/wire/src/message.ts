import { createHash } from 'node:crypto';
import { decode, encode } from '@msgpack/msgpack';
import type { ActorId, Digest } from '#libs/protocol';
import { z } from 'zod';
import { type Bodies, bodies, isKind, type Kind } from './bodies.ts';
import { actor, digest, hexOf, type Signature, signature } from './fields.ts';
import { quoted, type Refusal, refused } from './refusal.ts';
import { maxSizeBytes, scan } from './scan.ts';

/** The version of the wire; it is in every message and in every subject. */
export const version = 1;

interface Said<K extends Kind> {
  readonly kind: K;
  readonly run: Digest;
  readonly sender: ActorId;
  readonly body: Bodies[K];
}

/** What a sender says, before it is signed, of any of the kinds `K`; `kind` tells which body it has. */
export type Draft<K extends Kind = Kind> = { [Each in K]: Said<Each> }[K];

export type Message<K extends Kind = Kind> = {
  [Each in K]: Said<Each> & { readonly signature: Signature };
}[K];

export interface Decoded {
  readonly kind: 'decoded';
  readonly message: Message;
}

/** The last element of every message: two bytes that say "64 bytes", and the signature. */
const signatureBytes = 66;

const unsigned: Signature = `0x${'00'.repeat(64)}`;
/** MessagePack's "64 bytes", and so many zeros. */
const noSignature = Buffer.concat([Buffer.from([0xc4, 64]), Buffer.alloc(64)]);

const envelopes = Object.fromEntries(
  Object.entries(bodies).map(([kind, body]) => [
    kind,
    z.tuple([z.literal(version), z.literal(kind), digest, actor, body, signature]),
  ]),
) as unknown as Readonly<Record<Kind, z.ZodType<Fields, Fields>>>;

type Fields = [typeof version, Kind, Digest, ActorId, unknown, Signature];

/** [version, kind, run, sender, body, signature], in MessagePack. Throws for what is not a message, or too long. */
export function encodeMessage({ kind, run, sender, body, signature }: Message): Uint8Array {
  const bytes = encode(z.encode(envelopes[kind], [version, kind, run, sender, body, signature]));
  if (bytes.length > maxSizeBytes) throw new RangeError(`a ${kind} of ${bytes.length} bytes is too long`);
  return bytes;
}

/**
 * A message from bytes that anybody may have sent. Length and nesting are checked before anything is decoded, and only
 * the one spelling that {@link encodeMessage} writes is accepted. Whose it is has not been checked yet. Never throws.
 */
export function decodeMessage(bytes: Uint8Array): Decoded | Refusal {
  const refusal = scan(bytes);
  if (refusal !== undefined) return refusal;
  const value = decode(bytes);
  if (!Array.isArray(value)) return refused('MALFORMED', 'the message is not a list');
  const [isVersion, kind] = value as readonly unknown[];
  if (isVersion !== version) {
    return refused('VERSION_UNKNOWN', `the message is not of version ${version}`, { expected: version });
  }
  if (!isKind(kind)) {
    const name = typeof kind === 'string' ? quoted(kind) : 'no name';
    return refused('KIND_UNKNOWN', `there is no kind of message called ${name}`);
  }
  const parsed = envelopes[kind].safeDecode(value as Fields);
  if (!parsed.success) return malformed(kind, parsed.error);
  const [, , run, sender, body, signature] = parsed.data;
  const message = { kind, run, sender, body, signature } as Message;
  if (!Buffer.from(encodeMessage(message)).equals(bytes)) {
    return refused('NOT_CANONICAL', `this ${kind} has a shorter spelling`);
  }
  return { kind: 'decoded', message };
}

/**
 * SHA-256 of a message's bytes up to its signature: the digest that identifies a receipt, and the content of every
 * statement that has no digest of its own.
 */
export function contentDigest(draft: Draft): Digest {
  return hexOf(createHash('sha256').update(contentBytes(draft)).digest());
}

/** A message's bytes up to its signature. Stored, they are found by {@link contentDigest}. */
export function contentBytes(draft: Draft): Uint8Array {
  return encodeMessage({ ...draft, signature: unsigned }).subarray(0, -signatureBytes);
}

/** What {@link contentBytes} were made from; null for other bytes. Nobody's word: what is signed is a digest of it. */
export function decodeContent(bytes: Uint8Array): Draft | null {
  const decoded = decodeMessage(Buffer.concat([bytes, noSignature]));
  return decoded.kind === 'decoded' ? decoded.message : null;
}

const places = ['version', 'kind', 'run', 'sender', 'body', 'signature'];

/** Refuses with the place of the first problem: "body.entries.3.1" is a field of the fourth entry. */
function malformed(kind: Kind, { issues: [issue] }: z.ZodError): Refusal {
  const [part, field, ...rest] = issue?.path ?? [];
  const named = [
    typeof part === 'number' ? places[part] : 'message',
    typeof field === 'number' ? (bodies[kind].names[field] ?? field) : field,
    ...rest,
  ];
  const place = named.filter((name) => name !== undefined).join('.');
  return refused('MALFORMED', `${place} of the ${kind}: ${issue?.message ?? 'not as it should be'}`, {
    place,
  });
}
