import type { Digest } from '#libs/protocol';

/** Objects addressed by the SHA-256 of their bytes: sealed updates, models, lineups. Written once, never changed. */
export interface Blobs {
  /** Resolves to the address when the object is there for others. @throws Fault BLOBS_UNREACHABLE, BLOBS_FULL */
  put(bytes: Uint8Array): Promise<Digest>;
  /**
   * The object's bytes, checked against their address; null if it is not there, not what it says, or longer than
   * `maxSizeBytes`. @throws Fault BLOBS_UNREACHABLE
   */
  get(digest: Digest, maxSizeBytes: number): Promise<Uint8Array | null>;
}
