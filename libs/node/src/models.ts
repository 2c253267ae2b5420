import { decode, encode, maxSizeBytes, type Parameters } from '#libs/learning';
import type { Blobs } from '#libs/ports';
import type { Digest, RunState } from '#libs/protocol';
import type { Recall } from './recall.ts';
import { sha256 } from './sealing.ts';

/** Models are released as they are, not compressed: everybody goes on from the same bytes. */
const codec = 'float32';

/** Bytes of a released model, and the digest that Validators sign. Deterministic. */
export function releasedBytes(parameters: Parameters): {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
} {
  const encoded = encode(codec, parameters);
  if (encoded.kind === 'refused') throw new Error(`a model that cannot be written: ${encoded.reason}`);
  return { bytes: encoded.bytes, digest: sha256(encoded.bytes) };
}

/** Released models by digest. The first one everybody makes from the run's seed. */
export class Models {
  readonly initial: Parameters;
  readonly #blobs: Blobs;
  readonly #recall: Recall;

  constructor(initial: Parameters, blobs: Blobs, recall: Recall) {
    this.initial = initial;
    this.#blobs = blobs;
    this.#recall = recall;
  }

  /** The newest released model; null if it is not among the blobs, or not a model of this run. */
  async newest({ version, release }: Pick<RunState, 'version' | 'release'>): Promise<Parameters | null> {
    return version === 0 ? this.initial : this.at(release);
  }

  async at(digest: Digest): Promise<Parameters | null> {
    const limit = maxSizeBytes(codec, this.initial.layout);
    if (typeof limit !== 'number') throw new Error(limit.reason);
    const bytes = await this.#blobs.get(digest, limit, { kind: 'model' });
    if (bytes === null) return null;
    return this.#recall.once(`model ${digest}`, () => {
      const decoded = decode(codec, bytes, this.initial.layout);
      return decoded.kind === 'refused' ? null : decoded.parameters;
    });
  }
}
