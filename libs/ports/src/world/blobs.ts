import type { ActorId, Digest } from '#libs/protocol';

/** What an object is: a store may keep apart what different members may write. */
export type BlobKind =
  { readonly kind: 'update'; readonly by: ActorId } | { readonly kind: 'lineup' | 'model' };

/**
 * Objects addressed by what is in them (`objectDigest` of libs/wire): sealed updates, models, lineups. Written once, never
 * changed.
 */
export interface Blobs {
  /**
   * Resolves to the address when the object is there for others. Who does not say what it is means a model; a lineup has to
   * be one.
   * @throws Fault BLOBS_UNREACHABLE, BLOBS_FULL, BLOBS_REFUSED
   */
  put(bytes: Uint8Array, what?: BlobKind): Promise<Digest>;
  /**
   * The bytes of an object that was put as the same kind of thing, checked against their address; null if it is not
   * there, not what it says, or longer than `maxSizeBytes`. @throws Fault BLOBS_UNREACHABLE, BLOBS_REFUSED
   */
  get(digest: Digest, maxSizeBytes: number, what?: BlobKind): Promise<Uint8Array | null>;
}
