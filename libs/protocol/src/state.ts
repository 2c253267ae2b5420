import type { RunConfig } from './config.ts';
import type { Seat } from './election.ts';
import type { ActorId, Digest } from './ids.ts';
import { isInstant } from './ids.ts';
import type { Membership, Trainer, Validator } from './members.ts';
import type { RejectionCode } from './rejections.ts';
import type { Attendance } from './schemes/scheme.ts';
import type { Slot } from './statements.ts';
import { find, type Table } from './table.ts';
import type { Tally } from './tally.ts';

/** A run as one follower of it knows it. A value: `step` makes a new one and shares what did not change. */
export interface RunState {
  readonly config: RunConfig;
  /** Instant of the last event; a later one may have an earlier instant, as blocks arrive late. */
  readonly nowMs: number;
  readonly stage: Stage;
  /** Newest released model version, 0 for the initial one. */
  readonly version: number;
  /** Digest of the newest released model; of the configuration before the first. All that is signed builds on it. */
  readonly release: Digest;
  /** The next round's number: rounds opened so far, and those that never opened for want of members. */
  readonly rounds: number;
  /** Void rounds in a row. */
  readonly voidRounds: number;
  /** Members as they are in the open round or, between rounds, in the last one. */
  readonly trainers: Table<Trainer>;
  readonly validators: Table<Validator>;
  /** Trainers who have left: should one come back, its trust and its used sequences are what they were. */
  readonly former: Table<Trainer>;
  /** What changes when the next round opens. */
  readonly pending: Table<Membership>;
  /** Active members from then on, as the ledger counts them. */
  readonly roll: Roll;
  /** Who has which account number. */
  readonly accounts: Table<ActorId>;
  /** What the Sponsor has asked for at the next round boundary. */
  readonly wish: 'none' | 'pause' | 'finish';
  /** Actors with proven equivocation, and the statement slot of the proof. */
  readonly equivocators: Table<Slot>;
  readonly rejections: Readonly<Partial<Record<RejectionCode, number>>>;
}

export type Stage =
  | { readonly kind: 'created' | 'gathering' | 'paused'; readonly dueMs: number }
  | { readonly kind: 'round'; readonly round: Round }
  | { readonly kind: 'finished' | 'halted' };

export interface Roll {
  readonly trainers: number;
  readonly validators: number;
}

/** What is fixed when a round opens, and the phase it is in. */
export interface Round {
  readonly number: number;
  readonly draw: Digest;
  /** The release when the round opened: what statements about its lineup build on. */
  readonly parent: Digest;
  readonly version: number;
  /** By seat. */
  readonly committee: readonly Seat[];
  /** Trainers drawn for the round; null: all. */
  readonly sampled: Table<true> | null;
  /** Lowest progress of the Trainers that the round counts on. */
  readonly slowest: number;
  readonly attendance: Attendance;
  /**
   * When the round is void if no lineup is on the ledger. It depends on nothing but the round's opening: the ledger does
   * not see receipts, so neither their number nor the close of the training phase may decide it.
   */
  readonly lineupByMs: number;
  readonly phase: Phase;
}

export type Phase = TrainingPhase | LineupPhase | OpeningPhase | CommitPhase | RevealPhase | SettlementPhase;

interface PhaseBase<Kind extends string> {
  readonly kind: Kind;
  readonly dueMs: number;
  /** Which proposer's turn it is; 0 where nobody proposes. */
  readonly attempt: number;
}

/**
 * Lineups proposed so far, by attempt, and who has signed which. Followers close the training phase at different
 * instants, so that a proposal counts whatever attempt this one has arrived at, and already while it is training.
 */
interface Proposing {
  readonly proposals: Table<Proposal>;
  /** Lineup signed, by attempt and Validator. */
  readonly signatures: Table<Digest>;
}

export interface TrainingPhase extends PhaseBase<'training'>, Proposing {
  readonly extended: boolean;
}

export interface LineupPhase extends PhaseBase<'lineup'>, Proposing {
  /** Receipts held when the training phase closed: a lineup without one of them is not signed. */
  readonly required: readonly Entry[];
}

interface Scoring {
  readonly lineup: Lineup;
  /** By entry: do the bytes open to what the receipt says? */
  readonly opened: Table<boolean>;
  readonly scored: Table<true>;
  readonly commitments: Table<Digest>;
}

export interface OpeningPhase extends PhaseBase<'opening'>, Scoring {}
export interface CommitPhase extends PhaseBase<'commit'>, Scoring {}

export interface RevealPhase extends PhaseBase<'reveal'>, Scoring {
  readonly ballots: Table<readonly number[]>;
}

export interface SettlementPhase extends PhaseBase<'settlement'> {
  readonly lineup: Lineup;
  readonly tallies: readonly Tally[];
  /** What the contract says that this settlement will be, and the digest that certificates of it build on. */
  readonly preview: Preview | null;
  /** Digest of the merged model, by Validator. */
  readonly merged: Table<Digest>;
  /** Model signed, by Validator. */
  readonly signatures: Table<Digest>;
  /** The first model that a quorum has signed. */
  readonly certified: Certified | null;
}

/** One receipt in a lineup. */
export interface Entry {
  readonly trainer: ActorId;
  readonly sequence: number;
  readonly base: number;
  /** Digest of the receipt. */
  readonly receipt: Digest;
}

export interface Proposal {
  readonly attempt: number;
  readonly proposer: ActorId;
  readonly lineup: Digest;
  readonly entries: readonly Entry[];
}

export interface Lineup {
  readonly digest: Digest;
  readonly entries: readonly Entry[];
}

export interface Certified {
  readonly model: Digest;
  readonly signers: readonly ActorId[];
}

export interface Preview {
  readonly outcome: Outcome;
  /** Changes whenever the outcome does; so nobody is ever asked to sign two models on one parent. */
  readonly parent: Digest;
}

/** What a settlement decides, as the contract computed it; `verdicts` in the order of the lineup. */
export interface Outcome {
  readonly verdicts: readonly Verdict[];
  /** New trusts, in billionths. */
  readonly trusts: readonly { readonly trainer: ActorId; readonly trust: number }[];
  readonly rewards: readonly { readonly actor: ActorId; readonly amountWei: bigint }[];
  readonly penalties: readonly Penalty[];
}

export interface Verdict {
  readonly accepted: boolean;
  readonly tally: Tally;
  /** Merge weight given by the policy, in billionths, before staleness. */
  readonly weight: number;
}

export interface Penalty {
  readonly actor: ActorId;
  readonly amountWei: bigint;
  /** First round in which the actor may take part again; 0: no jail. */
  readonly jailedUntilRound: number;
}

/**
 * A run that has just been created, at the given instant. Its first release is the configuration's digest: there must be
 * something to draw the first proposer from, and it names the run.
 */
export function createRun(config: RunConfig, atMs: number): RunState {
  const createdMs = isInstant(atMs) ? atMs : 0;
  return {
    config,
    nowMs: createdMs,
    stage: { kind: 'created', dueMs: createdMs + config.windows.gatheringMs },
    version: 0,
    release: config.run,
    rounds: 0,
    voidRounds: 0,
    trainers: null,
    validators: null,
    former: null,
    pending: null,
    roll: { trainers: 0, validators: 0 },
    accounts: null,
    wish: 'none',
    equivocators: null,
    rejections: {},
  };
}

/** Who has an account number; undefined for one that nobody has joined with. */
export const accountOf = (state: RunState, number: number): ActorId | undefined =>
  find(state.accounts, String(number));

/** The round that is open, or null between rounds. */
export function openRound(state: RunState): Round | null {
  return state.stage.kind === 'round' ? state.stage.round : null;
}

/** The instant at which the state moves on by itself; null only at the end of the run. */
export function deadline(state: RunState): number | null {
  const { stage } = state;
  switch (stage.kind) {
    case 'round':
      return stage.round.phase.dueMs;
    case 'finished':
    case 'halted':
      return null;
    case 'created':
    case 'gathering':
    case 'paused':
      return stage.dueMs;
  }
}

/** The key of an entry in tables by entry. */
export const entryKey = (trainer: ActorId, sequence: number): string => `${trainer}/${sequence}`;
