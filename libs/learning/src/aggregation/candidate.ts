import type { Refusal } from '../refusal.ts';

/** Scale of integer weights: 1 is written as 1,000,000,000, so that no weight is ever a fraction. */
export const weightScale = 1_000_000_000;

/** One update as the merge sees it. */
export interface Candidate {
  /** The Trainer; with `sequence` the key by which candidates are ordered. */
  readonly actor: string;
  /** The receipt's sequence number, an integer >= 0: a Trainer may have several updates in a round. */
  readonly sequence: number;
  /** Update minus base, one value a parameter. Never written to. */
  readonly delta: Float32Array;
  /** Samples the Trainer trained on, an integer >= 0. */
  readonly samples: number;
  /** Trust scaled by {@link weightScale}, an integer in [0, 1e9]. */
  readonly trust: number;
  /** Model versions between the update's base and the current model, an integer >= 0. */
  readonly staleness: number;
}

export interface UpdateId {
  readonly actor: string;
  readonly sequence: number;
}

export interface Merge {
  readonly kind: 'merged';
  /** What to add to the base; a fresh array, finite. */
  readonly delta: Float32Array;
  /** The updates whose values can reach the result, in order of their key. */
  readonly selected: readonly UpdateId[];
}

/**
 * - `NO_UPDATES`: nothing to merge.
 * - `DUPLICATE_UPDATE`: two candidates with the same actor and sequence.
 * - `LENGTH_DIFFERS`: deltas of different lengths.
 * - `NOT_FINITE`: a NaN or an infinity in a delta.
 * - `WEIGHT_INVALID`: samples, trust, staleness or sequence is not an integer in its range.
 * - `REQUIREMENT`: the aggregator cannot keep its promise for this number of updates, or with these options.
 * - `NO_WEIGHT`: every weight is zero.
 */
export type AggregationCode =
  | 'NO_UPDATES'
  | 'DUPLICATE_UPDATE'
  | 'LENGTH_DIFFERS'
  | 'NOT_FINITE'
  | 'WEIGHT_INVALID'
  | 'REQUIREMENT'
  | 'NO_WEIGHT';

export type AggregationRefusal = Refusal<AggregationCode>;

export function merged(delta: Float32Array, from: readonly Candidate[]): Merge {
  return { kind: 'merged', delta, selected: from.map(({ actor, sequence }) => ({ actor, sequence })) };
}
