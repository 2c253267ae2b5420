import type { Block } from '#libs/ports';

/**
 * When to look at the chain again: when something is known to have happened (this process sent a transaction, or the
 * EVM inside it made a block), and besides every `pollMs`, unless that is null.
 */
export class Pulse {
  readonly #pollMs: number | null;
  readonly #waiting = new Set<() => void>();
  readonly #atClose: (() => void)[] = [];
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  #beats = 0;
  #head: Block | null = null;

  constructor(pollMs: number | null) {
    this.#pollMs = pollMs;
  }

  /** Beats so far. Read it before looking, so that what happens while looking is not slept through. */
  get beats(): number {
    return this.#beats;
  }

  /** The newest block, if the last beat has told of it. */
  get head(): Block | null {
    return this.#head;
  }

  get closed(): boolean {
    return this.#closed;
  }

  beat(head: Block | null = null): void {
    this.#beats++;
    this.#head = head;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves at the first beat after that many; at once if there was one, if the signal aborts, or at the end. */
  after(beats: number, signal?: AbortSignal): Promise<void> {
    if (this.#beats > beats || this.#closed || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener('abort', wake);
      if (this.#pollMs !== null)
        this.#timer ??= setTimeout(() => {
          this.beat();
        }, this.#pollMs);
    });
  }

  /** What else is to end with it. */
  onClose(call: () => void): void {
    this.#atClose.push(call);
  }

  close(): void {
    this.#closed = true;
    for (const call of this.#atClose.splice(0)) call();
    this.beat();
  }
}
