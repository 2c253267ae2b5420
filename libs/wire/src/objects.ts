import { createHash } from 'node:crypto';
import { decode, encode } from '@msgpack/msgpack';
import type { Digest, Receipt } from '#libs/protocol';
import { bytesOf, hexOf } from './fields.ts';
import { contentBytes, decodeContent, type Draft } from './message.ts';
import { scan } from './scan.ts';

/** What the object store holds of a run. */
export type ObjectKind = 'update' | 'model' | 'lineup';

/**
 * What an object is called by: the SHA-256 of its bytes, and a lineup by the root of its receipts, as the ledger has it. null:
 * bytes that are no lineup.
 */
export function objectDigest(kind: ObjectKind, bytes: Uint8Array): Digest | null {
  if (kind !== 'lineup') return hexOf(sha256(bytes));
  const contents = contentsIn(bytes);
  return contents && receiptsRoot(contents.map((content) => hexOf(sha256(content))));
}

/** SHA-256 over receipts' digests, one after the other; a lineup has them ascending by the Trainers' account numbers. */
export function receiptsRoot(receipts: readonly Digest[]): Digest {
  const root = createHash('sha256');
  for (const receipt of receipts) root.update(bytesOf(receipt));
  return hexOf(root.digest());
}

/**
 * A lineup as an object: the contents of its receipts, in its order. So whoever knows the root has everything that the lineup
 * says, without having heard any of it.
 */
export function encodeReceipts(run: Digest, receipts: readonly Receipt[]): Uint8Array {
  return encode(receipts.map((receipt) => contentBytes(draftOf(run, receipt))));
}

/** The receipts of a lineup; null for bytes that are none. Nobody's word: what counts is that they have the root. */
export function decodeReceipts(bytes: Uint8Array): Receipt[] | null {
  const receipts: Receipt[] = [];
  for (const content of contentsIn(bytes) ?? []) {
    const draft = decodeContent(content);
    if (draft?.kind !== 'receipt') return null;
    receipts.push({ trainer: draft.sender, ...draft.body, digest: hexOf(sha256(content)) });
  }
  return receipts.length === 0 ? null : receipts;
}

function draftOf(run: Digest, { trainer, digest: _, ...body }: Receipt): Draft<'receipt'> {
  return { kind: 'receipt', run, sender: trainer, body };
}

function contentsIn(bytes: Uint8Array): Uint8Array[] | null {
  if (scan(bytes) !== undefined) return null;
  const value = decode(bytes);
  return Array.isArray(value) && value.every((content) => content instanceof Uint8Array) ? value : null;
}

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
