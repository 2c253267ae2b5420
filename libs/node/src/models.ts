import { decode, encode, maxSizeBytes, type Parameters } from '#libs/learning';
import type { Blobs } from '#libs/ports';
import type { Digest, RunState } from '#libs/protocol';
import type { Recall } from './recall.ts';
import { sha256 } from './sealing.ts';

/** Models are released as they are, not compressed: everybody goes on from the same bytes. */
const codec = 'float32';

/** A model as it is released: its bytes, and the digest that Validators sign. */
export interface Released {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
}

/** Deterministic. */
export function releasedBytes(parameters: Parameters): Released {
  const encoded = encode(codec, parameters);
  if (encoded.kind === 'refused') throw new Error(`a model that cannot be written: ${encoded.reason}`);
  return { bytes: encoded.bytes, digest: sha256(encoded.bytes) };
}

/** Released models by digest. The first one everybody makes from the run's seed. */
export class Models {
  readonly initial: Parameters;
  readonly #blobs: Blobs;
  readonly #recall: Recall;
  /** The last one that was made here. */
  #own: Released | null = null;
  #provided: Digest | null = null;

  constructor(initial: Parameters, blobs: Blobs, recall: Recall) {
    this.initial = initial;
    this.#blobs = blobs;
    this.#recall = recall;
  }

  /** Keeps a model that was made here, to provide it. */
  keep(released: Released): void {
    this.#own = released;
  }

  /** Sees to it that all can read a model; false if they cannot, and it was not made here. */
  async provide(digest: Digest): Promise<boolean> {
    const own = this.#own;
    if (own?.digest !== digest) return (await this.#bytesOf(digest)) !== null;
    if (this.#provided === digest) return true;
    await this.#blobs.put(own.bytes, { kind: 'model' });
    this.#provided = digest;
    return true;
  }

  /** The newest released model; null if it is not among the blobs, or not a model of this run. */
  async newest({ version, release }: Pick<RunState, 'version' | 'release'>): Promise<Parameters | null> {
    return version === 0 ? this.initial : this.at(release);
  }

  async at(digest: Digest): Promise<Parameters | null> {
    const bytes = (await this.#bytesOf(digest)) ?? (await this.#provideAgain(digest));
    if (bytes === null) return null;
    return this.#recall.once(`model ${digest}`, () => {
      const decoded = decode(codec, bytes, this.initial.layout);
      return decoded.kind === 'refused' ? null : decoded.parameters;
    });
  }

  async #bytesOf(digest: Digest): Promise<Uint8Array | null> {
    const limit = maxSizeBytes(codec, this.initial.layout);
    if (typeof limit !== 'number') throw new Error(limit.reason);
    return this.#blobs.get(digest, limit, { kind: 'model' });
  }

  /** What was made here and is not there; null if it was not. Where there is no room for it now, there may be the next time. */
  async #provideAgain(digest: Digest): Promise<Uint8Array | null> {
    const own = this.#own;
    if (own?.digest !== digest) return null;
    this.#provided = null;
    await this.provide(digest).catch(() => undefined);
    return own.bytes;
  }
}
