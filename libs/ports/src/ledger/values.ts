import type { ActorId, Digest, Tally } from '#libs/protocol';
import type { EncodedLineup, Hex, Signature } from '#libs/wire';

/** A run's number on its ledger, from 0. */
export type RunNumber = bigint;

export type LedgerPhase =
  'none' | 'gathering' | 'training' | 'commit' | 'reveal' | 'settlement' | 'finished' | 'halted';
export type LedgerRole = 'none' | 'trainer' | 'validator';
export type StatementKind = 'receipt' | 'lineup' | 'certificate';

/** A block, as far as it matters here. Its hash names it; its number does not, after a reorganisation. */
export interface Block {
  readonly number: number;
  readonly hash: Digest;
  readonly parentHash: Digest;
  /** Block time in Unix seconds. Deadlines on the ledger are instants of this clock. */
  readonly timeSeconds: number;
}

/**
 * What the ledger has to know of a run's configuration: decided by the Sponsor when it creates the run. Fields, bounds
 * and meaning are those of `RunConfig` in `contracts/src/types/RunTypes.sol`.
 */
export interface LedgerRunConfig {
  /** Digest of the whole run configuration. */
  readonly configurationDigest: Digest;
  readonly rules: {
    readonly policy: ActorId;
    readonly policyGas: number;
    readonly scoresBase: boolean;
    readonly quorumNumerator: number;
    readonly quorumDenominator: number;
    readonly largeNumerator: number;
    readonly largeDenominator: number;
    readonly largeFrom: number;
  };
  readonly windows: {
    readonly gatheringSeconds: number;
    readonly trainingSeconds: number;
    readonly lineupSeconds: number;
    readonly openingSeconds: number;
    readonly commitSeconds: number;
    readonly revealSeconds: number;
    readonly settlementSeconds: number;
    readonly evidenceSeconds: number;
  };
  readonly terms: {
    readonly maxPauseSeconds: number;
    readonly minTrainers: number;
    readonly minValidators: number;
    readonly poolWei: bigint;
    readonly trainerBondWei: bigint;
    readonly validatorBondWei: bigint;
  };
}

/** The ordered set of receipts that count in a round, as the ledger takes it. */
export interface LedgerLineup extends EncodedLineup {
  readonly round: number;
}

/** A statement as it is signed for the ledger (EIP-712); see `contracts/src/libraries/Statements.sol`. */
export interface LedgerStatement {
  readonly kind: StatementKind;
  readonly run: RunNumber;
  /** Sequence number of a receipt, else the round. */
  readonly number: number;
  readonly attempt: number;
  readonly parent: Digest;
  readonly content: Digest;
}

/** Signatures of Validators over one statement. */
export interface Endorsement {
  /** The attempt that was signed: how many proposers of the lineup had failed before, 0 to 2; a certificate's is 0. */
  readonly attempt: number;
  /** 64 bytes each (EIP-2098), at most one for a seat, in any order. */
  readonly signatures: readonly { readonly seat: number; readonly signature: Signature }[];
}

/** What one Validator reveals: scores in the order of the lineup, the base model's last if the run scores it. */
export interface RevealedBallot {
  readonly seat: number;
  readonly scores: readonly number[];
  readonly salt: Digest;
}

/** All that a settlement is computed from. The ledger holds digests of it and checks the tallies. */
export interface LedgerBallots {
  readonly lineup: LedgerLineup;
  /** In the order of the lineup, the base model's last if the run scores it. */
  readonly tallies: readonly Tally[];
  /** Those of all Validators that revealed, in any order. */
  readonly ballots: readonly RevealedBallot[];
}

/** The agreement of a quorum to release a model. */
export interface LedgerCertificate extends Endorsement {
  readonly modelDigest: Digest;
}

/** Two different statements of one signer where one was due. */
export interface EquivocationProof {
  readonly kind: StatementKind;
  readonly number: number;
  readonly attempt: number;
  readonly parent: Digest;
  readonly first: { readonly content: Digest; readonly signature: Signature };
  readonly second: { readonly content: Digest; readonly signature: Signature };
}

/** A settlement that is decided and not yet applied to everybody: what any account needs to carry it on. */
export interface SplitSettlement {
  readonly trainers: readonly number[];
  /** From the event `settlementSplit`. */
  readonly outcome: Hex;
}

/** A run as the ledger holds it, all of it read at one block. */
export interface LedgerRun {
  readonly at: Block;
  readonly sponsor: ActorId;
  readonly config: LedgerRunConfig;
  readonly phase: LedgerPhase;
  /** The round that is open, or while gathering the next one. */
  readonly round: number;
  /** Last block time, in Unix seconds, at which the phase is not overdue. */
  readonly deadline: number;
  readonly paused: boolean;
  readonly finishing: boolean;
  /** Void rounds in a row. */
  readonly voids: number;
  /** Seats that have committed, and that have revealed, in the open round. */
  readonly committed: readonly number[];
  readonly revealed: readonly number[];
  readonly committee: readonly { readonly validator: ActorId; readonly bondWei: bigint }[];
  /** Who proposes at the first, second and third attempt of the open round; empty without a committee. */
  readonly proposers: readonly ActorId[];
  /** Of the open round; of the last one while gathering. */
  readonly lineupHash: Digest;
  /** Digest of the newest released model, of the configuration before the first release. */
  readonly release: Digest;
  readonly poolWei: bigint;
  readonly budgetWei: bigint;
}

/** An account in a run, all of it read at one block. A stranger has role `none` and index 0. */
export interface LedgerMember {
  readonly at: Block;
  readonly account: ActorId;
  /** The account's number within the run. */
  readonly index: number;
  readonly role: LedgerRole;
  readonly active: boolean;
  /** In billionths. */
  readonly trust: number;
  readonly bondWei: bigint;
  readonly unbondingWei: bigint;
  /** Block time, in Unix seconds, from which what is unbonding can be withdrawn. */
  readonly releaseAt: number;
  /** First round in which the account may take part again; 0 if it was never jailed. */
  readonly jailedUntilRound: number;
  /** Rewards that can be claimed. */
  readonly creditWei: bigint;
  /** Tokens of its own. */
  readonly balanceWei: bigint;
}
