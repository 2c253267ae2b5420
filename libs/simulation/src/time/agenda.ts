/** Something that is going to happen; what it is, is gone once it has happened or was called off. */
export interface Item<T> {
  readonly atMs: number;
  readonly order: number;
  what: T | null;
}

/** A queue with fewer dead items than this is not worth cleaning. */
const fewDead = 256;

/**
 * What is going to happen, in the order of (instant, sequence): a binary heap. What is called off stays in it as a dead
 * item until its turn or until every second item is dead, so that timers that are set anew all the time cost neither a
 * search nor memory.
 */
export class Agenda<T> {
  #heap: Item<T>[] = [];
  #next = 0;
  #dead = 0;

  /** How many things are going to happen. */
  get size(): number {
    return this.#heap.length - this.#dead;
  }

  /** How many items are kept, dead ones included. */
  get length(): number {
    return this.#heap.length;
  }

  add(atMs: number, what: T): Item<T> {
    const item: Item<T> = { atMs, order: this.#next++, what };
    this.#heap.push(item);
    rise(this.#heap, item);
    return item;
  }

  /** Calls off what has not happened yet; does nothing about anything else. */
  cancel(item: Item<T>): void {
    if (item.what === null) return;
    item.what = null;
    this.#dead++;
    if (this.#dead >= fewDead && 2 * this.#dead > this.#heap.length) this.#bury();
  }

  take(): { readonly atMs: number; readonly what: T } | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined) return undefined;
      const last = this.#heap.pop()!;
      if (first !== last) sink(this.#heap, last);
      const { atMs, what } = first;
      if (what !== null) {
        first.what = null;
        return { atMs, what };
      }
      this.#dead--;
    }
  }

  #bury(): void {
    // What is sorted is a heap, and the order is total: it does not show whether or when this was done.
    this.#heap = this.#heap.filter(({ what }) => what !== null).sort((a, b) => (before(a, b) ? -1 : 1));
    this.#dead = 0;
  }
}

type Place = Pick<Item<unknown>, 'atMs' | 'order'>;

const before = (a: Place, b: Place): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** Moves the item from the end of the heap to its place. */
function rise<T>(heap: Item<T>[], item: Item<T>): void {
  let i = heap.length - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!before(item, heap[parent]!)) break;
    heap[i] = heap[parent]!;
    i = parent;
  }
  heap[i] = item;
}

/** Puts the item in the place of the first and moves it from there to its own. */
function sink<T>(heap: Item<T>[], item: Item<T>): void {
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
    if (!before(heap[child]!, item)) break;
    heap[i] = heap[child]!;
    i = child;
  }
  heap[i] = item;
}
