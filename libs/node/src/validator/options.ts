import type { Shard } from '#libs/data';
import type { AggregatorSpec, Learner } from '#libs/learning';
import type { Journal, LedgerActions, Workshop } from '#libs/ports';
import type { Digest, Duty, Entry, RunState } from '#libs/protocol';
import type { Signer } from '#libs/wire';
import type { Follower } from '../follower.ts';
import type { Models } from '../models.ts';
import type { Recall } from '../recall.ts';
import type { UpdateOpener } from '../update-opener.ts';

export interface ValidatorOptions {
  readonly follower: Follower;
  readonly opener: UpdateOpener;
  readonly signer: Signer;
  readonly ledger: LedgerActions;
  readonly learner: Learner;
  readonly models: Models;
  readonly workshop: Workshop;
  readonly journal: Journal;
  readonly recall: Recall;
  readonly holdOut: Shard;
  readonly aggregator: AggregatorSpec;
  readonly scoring: 'leaveOneOut' | 'standalone' | 'accuracy';
  /** True if a ballot ends with the accuracy of the base model. */
  readonly scoresBase: boolean;
  /** Random bytes that nobody can guess, for a purpose. */
  readonly entropy: (purpose: string, length: number) => Uint8Array;
  /** How long it waits for Schedulers before it keeps the time itself. */
  readonly patienceMs: number;
  readonly conduct?: ValidatorConduct;
}

/** Where a Validator can be told to do otherwise; whatever is absent is done honestly. */
export interface ValidatorConduct {
  /** Scores without looking at the updates; null: looks at them. */
  readonly instead?: (context: BallotContext) => readonly number[] | null;
  readonly scores?: (honest: readonly number[], context: BallotContext) => readonly number[];
  /** Commits to this, when it is there, instead of its own ballot; null: to its own. */
  readonly commitment?: (context: BallotContext) => Digest | null | Promise<Digest | null>;
  /** False: does nothing that a round asks of it, from lineup to settlement. It keeps the time all the same. */
  readonly takesPart?: (round: number) => boolean;
  readonly reveals?: (round: number) => boolean;
  readonly lineup?: (honest: readonly Entry[]) => readonly Entry[];
  readonly model?: (honest: Digest) => Digest;
}

export interface BallotContext {
  readonly round: number;
  readonly entries: readonly Entry[];
  /** True if a score of the base model follows those of the entries. */
  readonly scoresBase: boolean;
  readonly state: RunState;
}

export type DutyOf<Kind extends Duty['kind']> = Extract<Duty, { kind: Kind }>;
