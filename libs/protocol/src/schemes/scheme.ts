import type { Staleness } from '../config.ts';

/** Who has delivered so far, in numbers; kept up to date with every receipt, so that a scheme decides at once. */
export interface Attendance {
  /** Trainers whom this round counts on: active and, if the run samples, drawn. */
  readonly expected: number;
  /** Of these, the ones with an unused receipt. */
  readonly present: number;
  /** Of these, the ones with an unused receipt for the current version. */
  readonly current: number;
  /** Trainers with a receipt that a lineup could take, expected or not. */
  readonly ready: number;
}

/** What happens at a deadline of the training phase. */
export type Overdue = { readonly kind: 'close' } | { readonly kind: 'extend'; readonly byMs: number };

/** When a round stops waiting for Trainers. The rest of the protocol never asks which scheme it is. */
export interface Scheme {
  /** The training phase's first deadline, from its opening. */
  readonly windowMs: number;
  /** Its last deadline, from its opening. */
  readonly longestMs: number;
  /** Receipts of one Trainer that may wait for a lineup. */
  readonly updatesPerRound: number;
  /** Versions by which a Trainer may run ahead of the slowest active one. */
  readonly maxAhead: number;
  /** May a Trainer start again before the next release? */
  readonly startsAgain: boolean;
  readonly staleness: Staleness;
  /** True as soon as there is no reason to wait for the deadline. */
  readonly closes: (attendance: Attendance, extended: boolean) => boolean;
  readonly overdue: (attendance: Attendance, extended: boolean) => Overdue;
}
