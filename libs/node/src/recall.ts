/**
 * Remembers what pure functions have computed, by a key that names all of their input. Nodes in one process share one, so
 * that what ten Validators would each work out on machines of their own is worked out once.
 */
export class Recall {
  readonly #capacity: number;
  readonly #known = new Map<string, Promise<unknown>>();

  /** @param capacity Results kept; those used longest ago go first. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  once<T>(key: string, compute: () => T | Promise<T>): Promise<T> {
    const known = this.#known.get(key) as Promise<T> | undefined;
    const result = known ?? (async () => compute())();
    this.#known.delete(key);
    this.#known.set(key, result);
    if (this.#known.size > this.#capacity) {
      const [oldest] = this.#known.keys();
      this.#known.delete(oldest!);
    }
    return result;
  }
}
