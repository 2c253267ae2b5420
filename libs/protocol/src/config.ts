import type { Digest } from './ids.ts';
import type { Ratio } from './ratio.ts';

/**
 * What a run is, as far as the protocol is concerned. Durations in ms, fractions in billionths. Its digest, `run`, is on
 * chain; two nodes with different configurations are in different runs. Made by `parseConfig`, and only by it, so that
 * `step` can rely on every bound.
 */
export interface RunConfig {
  readonly run: Digest;
  /** Members needed to open a round; below either the run is gathering. */
  readonly minTrainers: number;
  readonly minValidators: number;
  /** The run finishes after this many rounds. */
  readonly maxRounds: number;
  /** After this many void rounds in a row the run is halted. */
  readonly maxVoidRounds: number;
  /** Turns to propose, in the lineup phase and again in the settlement phase; in a small committee a seat may have several. */
  readonly maxProposers: number;
  /** Most receipts in a lineup, and most Validators in a committee. */
  readonly maxLineup: number;
  readonly maxCommittee: number;
  /** Trainers drawn for each round; 0: all of them. */
  readonly sampleSize: number;
  /** Rounds in a row that a Trainer may miss before nobody waits for it; Validators are suspended by the ledger. */
  readonly inactiveAfterRounds: number;
  /** How committee, proposers and sampled Trainers are chosen. */
  readonly election: 'drawn';
  readonly quorum: Quorum;
  readonly windows: Windows;
  readonly scheme: SchemeConfig;
  /** Trust of a newcomer, in billionths. */
  readonly initialTrust: number;
}

/** A part of the bond is a quorum when it exceeds `few` of it, or `many` of it from `manyFrom` Validators on. */
export interface Quorum {
  readonly few: Ratio;
  readonly many: Ratio;
  readonly manyFrom: number;
}

export interface Windows {
  /** For the funding, and again for the members. */
  readonly gatheringMs: number;
  /** For each proposer's lineup. */
  readonly lineupMs: number;
  readonly openingMs: number;
  readonly commitMs: number;
  readonly revealMs: number;
  /** For each proposer's settlement, and once more for anybody's. */
  readonly settlementMs: number;
  readonly maxPauseMs: number;
}

export type SchemeConfig = BspConfig | SspConfig | BapConfig | BufferedConfig;

/** Bulk synchronous parallel. */
export interface BspConfig {
  readonly kind: 'bsp';
  readonly periodMs: number;
  readonly staleness: Staleness;
}

/** Stale synchronous parallel (Ho et al. 2013). */
export interface SspConfig {
  readonly kind: 'ssp';
  readonly periodMs: number;
  /** Updates of one Trainer that may wait for a lineup. */
  readonly updatesPerRound: number;
  /** Versions by which a Trainer may run ahead of the slowest active one. */
  readonly maxStaleness: number;
  readonly staleness: Staleness;
}

/** Barrierless asynchronous parallel. */
export interface BapConfig {
  readonly kind: 'bap';
  /** Share of the active Trainers whose receipts close the training phase. */
  readonly quorumRatio: Ratio;
  readonly maxWaitMs: number;
  /** Updates of one Trainer that may wait for a lineup. */
  readonly updatesPerRound: number;
  readonly staleness: Staleness;
}

/** Buffered asynchronous: FedBuff (Nguyen et al. 2022), and with a capacity of 1 FedAsync (Xie et al. 2019). */
export interface BufferedConfig {
  readonly kind: 'buffered';
  /** K: Trainers with an unused receipt that close the training phase, whoever they are. */
  readonly capacity: number;
  readonly maxWaitMs: number;
  /** Updates of one Trainer that may wait for a lineup. */
  readonly updatesPerRound: number;
  readonly staleness: Staleness;
}

/** How an update loses weight with its staleness s, in versions. */
export type Staleness =
  /** 1 */
  | { readonly kind: 'constant' }
  /** (1 + s)^-exponent */
  | { readonly kind: 'power'; readonly exponent: Ratio }
  /** 1 up to the threshold, then 1 / (slope * (s - threshold) + 1) (Xie et al. 2019) */
  | { readonly kind: 'hinge'; readonly threshold: number; readonly slope: Ratio };
