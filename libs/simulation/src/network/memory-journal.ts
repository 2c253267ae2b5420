import type { Clock, Journal } from '#libs/ports';

interface Entry {
  readonly bytes: Uint8Array;
  readonly durable: Promise<void>;
  isDurable: boolean;
}

/**
 * A journal that outlives its node: the simulator keeps it and gives it to whoever comes after a crash. Writing takes
 * `writeMs`; a crash before that takes the entry with it, so that a node that speaks before its journal is safe is found
 * out.
 */
export class MemoryJournal implements Journal {
  readonly #clock: Clock;
  readonly #writeMs: number;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, writeMs = 0) {
    this.#clock = clock;
    this.#writeMs = writeMs;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Uint8Array | undefined {
    // A copy, as from a file: what a reader does to it is not written.
    return this.#entries.get(key)?.bytes.slice();
  }

  put(key: string, bytes: Uint8Array): Promise<void> {
    const written = this.#entries.get(key);
    if (written !== undefined) return written.durable;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const entry: Entry = { bytes: bytes.slice(), durable: promise, isDurable: false };
    this.#entries.set(key, entry);
    this.#clock.at(this.#clock.nowMs() + this.#writeMs, () => {
      // After a crash nobody is there any more to whom it could be said.
      if (this.#entries.get(key) !== entry) return;
      entry.isDurable = true;
      resolve(undefined);
    });
    return promise;
  }

  /** The node is killed: what was not written yet is gone, and whoever waits for it waits for ever. */
  crash(): void {
    for (const [key, { isDurable }] of this.#entries) if (!isDurable) this.#entries.delete(key);
  }
}
