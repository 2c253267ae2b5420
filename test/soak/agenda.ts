/** What is going to happen, in the order of (instant, sequence): a binary heap. */
export class Agenda<T> {
  readonly #heap: { readonly atMs: number; readonly order: number; readonly what: T }[] = [];
  #next = 0;

  add(atMs: number, what: T): void {
    const heap = this.#heap;
    const item = { atMs, order: this.#next++, what };
    let i = heap.push(item) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(item, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = item;
  }

  take(): { readonly atMs: number; readonly what: T } | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

interface Item {
  readonly atMs: number;
  readonly order: number;
}

const before = (a: Item, b: Item): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
