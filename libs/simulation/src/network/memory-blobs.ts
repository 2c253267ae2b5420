import type { BlobKind, Blobs, Clock } from '#libs/ports';
import type { Digest } from '#libs/protocol';
import { objectDigest } from '#libs/wire';
import type { Network } from './network.ts';

interface Stored {
  readonly bytes: Uint8Array;
  isDamaged: boolean;
}

/** What a site has moved so far. */
export interface Moved {
  readonly upBytes: number;
  readonly downBytes: number;
}

interface Line {
  upFreeMs: number;
  downFreeMs: number;
  upBytes: number;
  downBytes: number;
}

/**
 * An object store inside the process, at the far end of every site's line. A site's line carries one object after the
 * other in each direction, so ten objects take ten times as long as one, asked for together or not.
 *
 * Bytes are hashed once, when they are put; they are not hashed again when they are read, because nothing between could
 * have changed them, and because a model that a thousand sites fetch would be hashed a thousand times. What such a check
 * would find is said by `damage`. The same array is given to all: nobody writes on it.
 */
export class MemoryBlobs {
  readonly #clock: Clock;
  readonly #network: Network;
  readonly #stored = new Map<Digest, Stored>();
  readonly #lines = new Map<string, Line>();

  constructor(clock: Clock, network: Network) {
    this.#clock = clock;
    this.#network = network;
  }

  /** Objects in the store. */
  get size(): number {
    return this.#stored.size;
  }

  at(site: string): Blobs {
    const line = this.#line(site);
    return {
      put: (bytes, what) => this.#put(site, line, bytes, what),
      get: (digest, maxSizeBytes) => this.#get(site, line, digest, maxSizeBytes),
    };
  }

  /** The bytes that a site has moved, those under way included. */
  moved(site: string): Moved {
    const { upBytes, downBytes } = this.#line(site);
    return { upBytes, downBytes };
  }

  /** An object's bytes as the simulation itself sees them: at once, and moved nowhere. */
  peek(digest: Digest): Uint8Array | undefined {
    return this.#stored.get(digest)?.bytes;
  }

  has(digest: Digest): boolean {
    return this.#stored.has(digest);
  }

  /** Drops an object: who asks for it from now on gets null. */
  forget(digest: Digest): void {
    this.#stored.delete(digest);
  }

  /** For tests: an object that is not what its address says, until it is put again. */
  damage(digest: Digest): void {
    const stored = this.#stored.get(digest);
    if (stored !== undefined) stored.isDamaged = true;
  }

  async #put(site: string, line: Line, bytes: Uint8Array, what?: BlobKind): Promise<Digest> {
    const digest = objectDigest(what?.kind ?? 'model', bytes);
    if (digest === null) throw new RangeError('these bytes are no lineup');
    await this.#answered(site);
    line.upFreeMs = this.#carriedMs(line.upFreeMs, bytes.length);
    line.upBytes += bytes.length;
    await this.#reached(site, line.upFreeMs);
    const stored = this.#stored.get(digest);
    if (stored === undefined) this.#stored.set(digest, { bytes, isDamaged: false });
    else stored.isDamaged = false;
    return digest;
  }

  async #get(site: string, line: Line, digest: Digest, maxSizeBytes: number): Promise<Uint8Array | null> {
    await this.#answered(site);
    const stored = this.#stored.get(digest);
    if (stored === undefined || stored.bytes.length > maxSizeBytes) return null;
    line.downFreeMs = this.#carriedMs(line.downFreeMs, stored.bytes.length);
    line.downBytes += stored.bytes.length;
    await this.#reached(site, line.downFreeMs);
    return stored.isDamaged ? null : stored.bytes;
  }

  /** One latency from now on, or from when the site is no longer cut off. */
  #answered(site: string): Promise<void> {
    const sentMs = this.#network.reachedMs(site, this.#clock.nowMs());
    return this.#reached(site, sentMs + this.#network.model.latencyMs);
  }

  #reached(site: string, atMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.at(this.#network.reachedMs(site, atMs), resolve);
    });
  }

  /** When a line that is free at an instant has carried an object that is to go now. */
  #carriedMs(freeMs: number, sizeBytes: number): number {
    const takesMs = (sizeBytes / this.#network.model.bytesPerSecond) * 1_000;
    return Math.max(freeMs, this.#clock.nowMs()) + takesMs;
  }

  #line(site: string): Line {
    let line = this.#lines.get(site);
    if (line === undefined) {
      line = { upFreeMs: 0, downFreeMs: 0, upBytes: 0, downBytes: 0 };
      this.#lines.set(site, line);
    }
    return line;
  }
}
