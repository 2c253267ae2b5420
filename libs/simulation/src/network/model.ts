/**
 * A simulated network as data: one class of link for every site, and what goes wrong with it when. A site is a name.
 * Instants are ms of the simulation's clock, spans are half open: from `fromMs` on, no longer at `toMs`.
 */
export interface NetworkModel {
  readonly latencyMs: number;
  /** Added to every message and receiver, uniform in whole ms of [0, jitterMs). */
  readonly jitterMs: number;
  /** Of blobs, per site and direction. */
  readonly bytesPerSecond: number;
  /** Share of sendings that do not arrive. */
  readonly loss: number;
  /** Share of messages that arrive a second time. */
  readonly duplication: number;
  /** Share of messages that are held back by up to ten latencies. */
  readonly reordering: number;
  readonly partitions: readonly Partition[];
  readonly crashes: readonly Crash[];
}

/** Sites that reach each other and nobody else, blobs included. */
export interface Partition {
  readonly fromMs: number;
  readonly toMs: number;
  readonly sites: readonly string[];
}

/** What arrives at a site while it is down is lost to it, and it sends nothing. */
export interface Crash {
  readonly site: string;
  readonly atMs: number;
  readonly downMs: number;
}

/** Everything arrives at once, once and in order. */
export const perfectNetwork: NetworkModel = {
  latencyMs: 0,
  jitterMs: 0,
  bytesPerSecond: Number.MAX_SAFE_INTEGER,
  loss: 0,
  duplication: 0,
  reordering: 0,
  partitions: [],
  crashes: [],
};
