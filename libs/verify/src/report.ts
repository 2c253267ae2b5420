import type { Digest } from '#libs/protocol';
import type { Money } from './chain/money.ts';

/** How much was checked: all of it, or what comes before the difference. */
export interface Counts {
  readonly transactions: number;
  readonly statements: number;
  readonly inputs: number;
  readonly events: number;
  readonly ballots: number;
  readonly rounds: number;
  readonly blobs: number;
  /** Released models that were merged once more, and those for which something was not kept. */
  readonly merges: { readonly recomputed: number; readonly missing: number };
  /** Rounds whose model was tested once more; null: not asked for. */
  readonly retested: number | null;
  /** Events found on the live chain; null: not asked for. */
  readonly live: number | null;
}

export interface Report {
  readonly path: string;
  /** null: the folder could not be read so far. */
  readonly run: { readonly name: string; readonly seed: string; readonly digest: Digest } | null;
  readonly counts: Counts;
  /** Of the chain after the last transaction that was executed. */
  readonly stateRoot: Digest | null;
  /** Where all tokens are; null before they were counted. */
  readonly money: Money | null;
  /** What could not be checked here, and why. */
  readonly notes: readonly string[];
  readonly seconds: number;
}

export const noCounts: Counts = {
  transactions: 0,
  statements: 0,
  inputs: 0,
  events: 0,
  ballots: 0,
  rounds: 0,
  blobs: 0,
  merges: { recomputed: 0, missing: 0 },
  retested: null,
  live: null,
};
