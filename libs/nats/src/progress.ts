/** The last so many things that were seen: what comes again after a lost acknowledgement is recognised. */
export class Seen {
  readonly #capacity: number;
  readonly #keys = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add(key: string): void {
    this.#keys.add(key);
    if (this.#keys.size <= this.#capacity) return;
    // A set gives its elements in the order in which they came.
    for (const oldest of this.#keys) {
      this.#keys.delete(oldest);
      return;
    }
  }
}

/** What a stream held when its consumer was made: done when all of it has been delivered, and handled or given up. */
export class Backlog {
  /** Resolves when nothing of it is left. */
  readonly done: Promise<void>;
  #resolve: () => void = () => undefined;
  #isDone = false;
  #undelivered: number;
  readonly #known = new Set<number>();
  readonly #open = new Set<number>();

  constructor(messages: number) {
    this.#undelivered = messages;
    this.done = new Promise((resolve) => (this.#resolve = resolve));
    if (messages === 0) this.end();
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** Old messages come before new ones, and some of them more than once. */
  deliver(sequence: number): void {
    if (this.#undelivered === 0 || this.#known.has(sequence)) return;
    this.#undelivered--;
    this.#known.add(sequence);
    this.#open.add(sequence);
  }

  finish(sequence: number): void {
    this.#open.delete(sequence);
    if (this.#undelivered === 0 && this.#open.size === 0) this.end();
  }

  end(): void {
    this.#isDone = true;
    this.#known.clear();
    this.#open.clear();
    this.#undelivered = 0;
    this.#resolve();
  }
}
