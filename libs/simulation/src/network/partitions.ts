import type { Partition } from './model.ts';

interface Part {
  readonly fromMs: number;
  readonly toMs: number;
  readonly sites: ReadonlySet<string>;
}

/** Who cannot reach whom, and until when. */
export class Partitions {
  readonly #parts: readonly Part[];
  readonly #overMs: number;

  constructor(partitions: readonly Partition[]) {
    this.#parts = partitions.map(({ fromMs, toMs, sites }) => ({ fromMs, toMs, sites: new Set(sites) }));
    this.#overMs = Math.max(-Infinity, ...partitions.map(({ toMs }) => toMs));
  }

  /** True if nobody is parted from anybody at the instant or later. */
  areOver(atMs: number): boolean {
    return atMs >= this.#overMs;
  }

  /** The first instant from this one on at which the two sites reach each other. */
  joined(one: string, other: string, atMs: number): number {
    return this.#first(atMs, ({ sites }) => sites.has(one) !== sites.has(other));
  }

  /** The first instant from this one on at which the site reaches what belongs to no site: the blobs, the ledger. */
  reached(site: string, atMs: number): number {
    return this.#first(atMs, ({ sites }) => sites.has(site));
  }

  #first(atMs: number, parts: (part: Part) => boolean): number {
    let instantMs = atMs;
    while (!this.areOver(instantMs)) {
      const between = this.#parts.find(
        (part) => part.fromMs <= instantMs && instantMs < part.toMs && parts(part),
      );
      if (between === undefined) break;
      instantMs = between.toMs;
    }
    return instantMs;
  }
}
