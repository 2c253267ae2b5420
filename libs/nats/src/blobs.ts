import { Fault, isFault } from '#libs/fault';
import type { BlobKind, Blobs } from '#libs/ports';
import type { Digest } from '#libs/protocol';
import { objectDigest } from '#libs/wire';
import { Bucket } from './bucket.ts';
import { isAbsent } from './api.ts';
import type { NatsLink } from './link.ts';
import { bucketOf } from './names.ts';
import { isNoRoom, PatienceLost } from './publish.ts';

export interface NatsBlobsOptions {
  /** How long to go on where nobody answers. */
  readonly patienceMs?: number;
  /** Bytes of an object that are one message; never more than the bucket takes. */
  readonly chunkBytes?: number;
}

/** What one message of a bucket may hold. */
export const chunkBytes = 128 * 1024;

const defaultPatienceMs = 120_000;
const model: BlobKind = { kind: 'model' };

/**
 * Objects in buckets of the JetStream object store, one for each kind of object that different members may write. An object is
 * called by its digest, against which its bytes are checked whenever they are read: it does not matter who wrote what.
 */
export class NatsBlobs implements Blobs {
  readonly #link: NatsLink;
  readonly #options: Required<NatsBlobsOptions>;
  readonly #buckets = new Map<string, Bucket>();

  constructor(link: NatsLink, options: NatsBlobsOptions = {}) {
    this.#link = link;
    this.#options = { patienceMs: defaultPatienceMs, chunkBytes, ...options };
  }

  async put(bytes: Uint8Array, what: BlobKind = model): Promise<Digest> {
    const digest = objectDigest(what.kind, bytes);
    if (digest === null) throw new RangeError('these bytes are no lineup');
    const bucket = this.#bucket(bucketOf(what));
    try {
      await put(bucket, { digest, what }, bytes);
    } catch (error) {
      throw blobsFault(error, bucket.name, bytes.length);
    }
    return digest;
  }

  async get(digest: Digest, maxSizeBytes: number, what: BlobKind = model): Promise<Uint8Array | null> {
    const bucket = this.#bucket(bucketOf(what));
    try {
      return await read(bucket, { digest, what }, maxSizeBytes);
    } catch (error) {
      throw blobsFault(error, bucket.name, null);
    }
  }

  #bucket(name: string): Bucket {
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    const bucket = new Bucket(this.#link, { name, ...this.#options });
    this.#buckets.set(name, bucket);
    return bucket;
  }
}

interface Named {
  readonly digest: Digest;
  readonly what: BlobKind;
}

/**
 * Writes an object that is not there in whole; to find that out costs a read, and nothing is written. What is left of one
 * that was damaged stays until it is old: a record that somebody has forged may name the chunks of another object.
 */
async function put(bucket: Bucket, named: Named, bytes: Uint8Array): Promise<void> {
  const { digest } = named;
  if ((await read(bucket, named, bytes.length)) !== null) return;
  const room = await bucket.hasRoomFor(bytes.length);
  if (!room.isThere) throw fullFault(bucket.name, bytes.length, room.maxBytes);
  const isFound = await bucket.write(digest, bytes, true);
  // Somebody has written some of it under the same id: it may have been something else, or be gone by now.
  if (isFound && (await read(bucket, named, bytes.length)) === null) await bucket.write(digest, bytes, false);
}

async function read(
  bucket: Bucket,
  { digest, what }: Named,
  maxSizeBytes: number,
): Promise<Uint8Array | null> {
  for await (const stored of bucket.find(digest)) {
    // What is said of the size bounds what is fetched, whether it is true or not.
    if (stored.sizeBytes > maxSizeBytes) continue;
    const bytes = await bucket.read(stored);
    if (bytes !== null && objectDigest(what.kind, bytes) === digest) return bytes;
  }
  return null;
}

function fullFault(bucket: string, sizeBytes: number, maxBytes: number | null, cause?: unknown): Fault {
  return new Fault('BLOBS_FULL', `The bucket ${bucket} has no room for an object of ${sizeBytes} bytes.`, {
    facts: { bucket, sizeBytes, ...(maxBytes === null ? {} : { maxBytes }) },
    hint: "Raise the bucket's limit or the server's, make room on its disk, or wait until old objects are dropped.",
    cause,
  });
}

function blobsFault(error: unknown, bucket: string, sizeBytes: number | null): Fault {
  if (isFault(error)) return error;
  if (sizeBytes !== null && isNoRoom(error)) return fullFault(bucket, sizeBytes, null, error);
  const reason = error instanceof Error ? error.message : String(error);
  const facts = { bucket, reason };
  if (error instanceof PatienceLost) {
    return new Fault('BLOBS_UNREACHABLE', `No NATS server answers for the bucket ${bucket}: ${reason}.`, {
      facts,
      hint: 'Check that nats-server runs with JetStream and can be reached, then start the node again.',
      cause: error,
    });
  }
  const hint = isAbsent(error)
    ? 'Let the operator prepare the run for this member: the bucket is not there.'
    : 'The credentials are those of another member or role: use the ones that were made for this node.';
  return new Fault('BLOBS_REFUSED', `The bucket ${bucket} is closed to this node: ${reason}.`, {
    facts,
    hint,
    cause: error,
  });
}
