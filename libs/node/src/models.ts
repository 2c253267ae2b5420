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
  #own: Released | null = null;

  constructor(initial: Parameters, blobs: Blobs, recall: Recall) {
    this.initial = initial;
    this.#blobs = blobs;
    this.#recall = recall;
  }

  /** Makes a model readable for all. The last one is kept here too, in case that it gets lost there. */
  async store(released: Released): Promise<void> {
    this.#own = released;
    await this.#blobs.put(released.bytes, { kind: 'model' });
  }

  /** The newest released model; null if it is not among the blobs, or not a model of this run. */
  async newest({ version, release }: Pick<RunState, 'version' | 'release'>): Promise<Parameters | null> {
    return version === 0 ? this.initial : this.at(release);
  }

  async at(digest: Digest): Promise<Parameters | null> {
    const limit = maxSizeBytes(codec, this.initial.layout);
    if (typeof limit !== 'number') throw new Error(limit.reason);
    const bytes =
      (await this.#blobs.get(digest, limit, { kind: 'model' })) ?? (await this.#storeAgain(digest));
    if (bytes === null) return null;
    return this.#recall.once(`model ${digest}`, () => {
      const decoded = decode(codec, bytes, this.initial.layout);
      return decoded.kind === 'refused' ? null : decoded.parameters;
    });
  }

  /** What was stored here and is lost; null if it was not. Where there is no room for it now, there may be the next time. */
  async #storeAgain(digest: Digest): Promise<Uint8Array | null> {
    const own = this.#own;
    if (own?.digest !== digest) return null;
    await this.store(own).catch(() => undefined);
    return own.bytes;
  }
}
