import { createHash } from 'node:crypto';
import { nuid } from '@nats-io/nats-core';
import { z } from 'zod';
import { nearBytes, storedMessage, type StoredMessage, streamInfo, type Which } from './api.ts';
import type { NatsLink } from './link.ts';
import { streamOfBucket } from './names.ts';
import { publishUntilKept, untilAnswered } from './publish.ts';

/**
 * What a bucket says of an object. It has the form of NATS' own object stores, so that their tools can list and read it;
 * the places of the chunks in the stream are ours.
 */
const metaForm = z.object({
  name: z.string(),
  nuid: z.string().regex(/^\w+$/),
  size: z.int().min(0),
  chunks: z.int().min(0),
  deleted: z.boolean().optional(),
  metadata: z.object({ sequences: z.string().regex(/^(\d+(,\d+)*)?$/) }),
});

export interface Stored {
  readonly nuid: string;
  readonly sizeBytes: number;
  /** Places of the chunks in the stream, in the order of the bytes. */
  readonly sequences: readonly number[];
}

export interface BucketOptions {
  readonly name: string;
  readonly chunkBytes: number;
  readonly patienceMs: number;
}

/** Chunks that are on their way at once. */
const window = 8;

/** One object store. Throws what JetStream says. */
export class Bucket {
  readonly name: string;
  readonly #link: NatsLink;
  readonly #options: BucketOptions;
  readonly #stream: string;

  constructor(link: NatsLink, options: BucketOptions) {
    this.name = options.name;
    this.#link = link;
    this.#options = options;
    this.#stream = streamOfBucket(options.name);
  }

  /**
   * What is said of an object, in the order in which it should be believed: what was said last, as in every object store, and
   * first, which those who may write later cannot change.
   */
  async *find(object: string): AsyncGenerator<Stored> {
    const subject = this.#metaSubject(object);
    const last = await this.#message({ last_by_subj: subject });
    if (last === null) return;
    const stored = storedIn(last.bytes);
    if (stored !== null) yield stored;
    const first = await this.#message({ seq: 1, next_by_subj: subject });
    const before = first === null || first.sequence === last.sequence ? null : storedIn(first.bytes);
    if (before !== null) yield before;
  }

  /** The bytes, unchecked; null if some of them are missing or there are more than was said. */
  async read({ sizeBytes, sequences }: Stored): Promise<Uint8Array | null> {
    const chunks: Uint8Array[] = [];
    let read = 0;
    for (let at = 0; at < sequences.length; at += window) {
      const some = await Promise.all(sequences.slice(at, at + window).map((one) => this.#chunk(one)));
      for (const chunk of some) {
        if (chunk === null || chunk.length === 0) return null;
        read += chunk.length;
        chunks.push(chunk);
      }
      if (read > sizeBytes) return null;
    }
    return read === sizeBytes ? concatenated(chunks, sizeBytes) : null;
  }

  /**
   * Writes an object. Several who write the same one at once share its chunks, which the server recognises by an id; true
   * if it did, and what was there before has to be checked.
   */
  async write(object: string, bytes: Uint8Array, isShared: boolean): Promise<boolean> {
    const { chunkBytes, patienceMs } = this.#options;
    const id = isShared ? createHash('sha256').update(object).digest('hex').slice(0, 22) : nuid.next();
    const count = Math.ceil(bytes.length / chunkBytes);
    const sequences: number[] = [];
    let isFound = false;
    for (let at = 0; at < count; at += window) {
      const some = Array.from({ length: Math.min(window, count - at) }, (_, i) => at + i);
      const acks = await Promise.all(
        some.map((i) =>
          publishUntilKept(
            this.#link,
            `$O.${this.name}.C.${id}`,
            bytes.subarray(i * chunkBytes, (i + 1) * chunkBytes),
            { id: `${id} ${i}`, patienceMs },
          ),
        ),
      );
      for (const { seq, duplicate } of acks) {
        sequences.push(seq);
        isFound ||= duplicate;
      }
    }
    const meta = metaOf(
      this.name,
      object,
      { nuid: id, sizeBytes: bytes.length, sequences },
      chunkBytes,
      bytes,
    );
    const subject = this.#metaSubject(object);
    await publishUntilKept(this.#link, subject, meta, { patienceMs });
    return isFound;
  }

  /** Whether so many bytes would fit; a bucket that drops its oldest objects takes whatever fits into it alone. */
  async hasRoomFor(sizeBytes: number): Promise<{ readonly isThere: boolean; readonly maxBytes: number }> {
    const { patienceMs, chunkBytes } = this.#options;
    const { config, state } = await untilAnswered(this.#link, patienceMs, () =>
      streamInfo(this.#link, this.#stream),
    );
    const needed = sizeBytes + overheadBytes * (Math.ceil(sizeBytes / chunkBytes) + 1);
    const free = config.discard === 'new' ? config.max_bytes - state.bytes : config.max_bytes;
    return { isThere: config.max_bytes < 0 || needed <= free, maxBytes: config.max_bytes };
  }

  async #chunk(sequence: number): Promise<Uint8Array | null> {
    const { patienceMs } = this.#options;
    const near = await untilAnswered(this.#link, patienceMs, () =>
      nearBytes(this.#link, this.#stream, sequence),
    );
    if (near !== null) return near;
    // The replica that answered may be behind.
    return (await this.#message({ seq: sequence }))?.bytes ?? null;
  }

  /** From the leader: a replica may not have yet what somebody has put and told us of. */
  #message(which: Which): Promise<StoredMessage | null> {
    return untilAnswered(this.#link, this.#options.patienceMs, () =>
      storedMessage(this.#link, this.#stream, which),
    );
  }

  #metaSubject(object: string): string {
    return `$O.${this.name}.M.${base64Url(object)}`;
  }
}

/** What a message takes in a stream besides its payload, at most: subject, headers, the record's own fields. */
const overheadBytes = 320;

function storedIn(bytes: Uint8Array): Stored | null {
  let said: unknown;
  try {
    said = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
  const parsed = metaForm.safeParse(said);
  if (!parsed.success || parsed.data.deleted === true) return null;
  const { nuid: id, size, metadata } = parsed.data;
  const sequences = metadata.sequences === '' ? [] : metadata.sequences.split(',').map(Number);
  return { nuid: id, sizeBytes: size, sequences };
}

function metaOf(
  bucket: string,
  object: string,
  stored: Stored,
  chunkBytes: number,
  bytes: Uint8Array,
): Uint8Array {
  const digest = createHash('sha256')
    .update(bytes)
    .digest('base64')
    .replaceAll('+', '-')
    .replaceAll('/', '_');
  const said = {
    name: object,
    bucket,
    nuid: stored.nuid,
    size: stored.sizeBytes,
    chunks: stored.sequences.length,
    mtime: new Date().toISOString(),
    digest: `SHA-256=${digest}`,
    deleted: false,
    options: { max_chunk_size: chunkBytes },
    metadata: { sequences: stored.sequences.join(',') },
  };
  return new TextEncoder().encode(JSON.stringify(said));
}

const base64Url = (text: string): string =>
  Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_');

function concatenated(chunks: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const all = new Uint8Array(sizeBytes);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
