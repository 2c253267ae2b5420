import type { ActorId, Digest, Tally } from '#libs/protocol';
import type { Hex } from '#libs/wire';
import type { LedgerPhase, LedgerRole, LedgerRunConfig, RunNumber, StatementKind } from './values.ts';

/**
 * What happened on the ledger: the events of `RunLedger`, `BondRegistry` and `RewardVault`, with their names and fields
 * (see `contracts/src/interfaces`). Instants are Unix seconds.
 */
export type LedgerEvent = LedgerEventBody & { readonly run: RunNumber; readonly at: EventPlace };

/** One event is the only one of its block hash and log index. */
export interface EventPlace {
  readonly transaction: Digest;
  /** Position among the logs of the block. */
  readonly logIndex: number;
}

export type LedgerEventBody =
  // runs
  | {
      readonly kind: 'runCreated';
      readonly sponsor: ActorId;
      readonly initialTrust: number;
      readonly config: LedgerRunConfig;
    }
  | { readonly kind: 'runPaused' | 'runResumed' | 'runFinishing' }
  | { readonly kind: 'runFinished' | 'runHalted'; readonly rounds: number }
  | { readonly kind: 'budgetReleased'; readonly sponsor: ActorId; readonly amountWei: bigint }
  | { readonly kind: 'budgetFunded'; readonly funder: ActorId; readonly amountWei: bigint }
  // members
  | { readonly kind: 'accountNumbered'; readonly account: ActorId; readonly index: number }
  | {
      readonly kind: 'memberJoined';
      readonly account: ActorId;
      readonly role: LedgerRole;
      readonly index: number;
      readonly fromRound: number;
    }
  | {
      readonly kind: 'memberLeft';
      readonly account: ActorId;
      readonly fromRound: number;
      readonly releaseAt: number;
    }
  | {
      readonly kind: 'memberCheckedIn' | 'memberInactive';
      readonly account: ActorId;
      readonly fromRound: number;
    }
  // bonds and rewards
  | {
      readonly kind: 'bonded';
      readonly account: ActorId;
      readonly bonder: ActorId;
      readonly amountWei: bigint;
    }
  | {
      readonly kind: 'unbondingStarted';
      readonly account: ActorId;
      readonly amountWei: bigint;
      readonly releaseAt: number;
    }
  | {
      readonly kind: 'bondWithdrawn' | 'rewardsClaimed';
      readonly account: ActorId;
      readonly amountWei: bigint;
    }
  | {
      readonly kind: 'penalised';
      readonly account: ActorId;
      readonly penaltyWei: bigint;
      readonly remainingWei: bigint;
    }
  | { readonly kind: 'jailed'; readonly account: ActorId; readonly untilRound: number }
  | { readonly kind: 'rewardsCredited'; readonly totalWei: bigint }
  // rounds
  | {
      readonly kind: 'committeeSeated';
      readonly round: number;
      readonly validators: readonly ActorId[];
      readonly bondsWei: readonly bigint[];
    }
  | {
      readonly kind: 'roundOpened';
      readonly round: number;
      readonly poolWei: bigint;
      readonly joins: number;
      readonly trainingEndsAt: number;
    }
  | {
      readonly kind: 'lineupAccepted';
      readonly round: number;
      readonly proposer: ActorId;
      readonly lineupHash: Digest;
      /** Numbers of the Trainers in the run, ascending. */
      readonly trainers: readonly number[];
      readonly receiptsRoot: Digest;
      /** Seats that signed. */
      readonly signers: readonly number[];
    }
  | {
      readonly kind: 'ballotCommitted';
      readonly round: number;
      readonly validator: ActorId;
      readonly commitment: Digest;
    }
  | {
      readonly kind: 'ballotRevealed';
      readonly round: number;
      readonly validator: ActorId;
      readonly scores: readonly number[];
      readonly salt: Digest;
    }
  | {
      readonly kind: 'phaseStarted';
      readonly round: number;
      readonly phase: LedgerPhase;
      readonly deadline: number;
    }
  | {
      readonly kind: 'roundSettled';
      readonly round: number;
      readonly settler: ActorId;
      /** False if the policy gave no valid answer, so that the fallback applies. */
      readonly answered: boolean;
      readonly baseTally: Tally;
      readonly settlerWei: bigint;
      /** null if nothing is released. */
      readonly modelDigest: Digest | null;
      /** In the order of the lineup. */
      readonly verdicts: readonly SettledVerdict[];
      /** In the order of the committee. */
      readonly seats: readonly SettledSeat[];
    }
  | {
      readonly kind: 'settlementSplit';
      readonly round: number;
      readonly applied: number;
      readonly outcome: Hex;
    }
  | { readonly kind: 'settlementContinued'; readonly round: number; readonly applied: number }
  | {
      readonly kind: 'roundVoided';
      readonly round: number;
      readonly phase: LedgerPhase;
      readonly voids: number;
    }
  | {
      readonly kind: 'equivocationProven';
      readonly offender: ActorId;
      readonly reporter: ActorId;
      /** What the statements were about. */
      readonly statement: StatementKind;
      readonly number: number;
      readonly penaltyWei: bigint;
      readonly reporterWei: bigint;
    };

export interface SettledVerdict {
  readonly tally: Tally;
  readonly accepted: boolean;
  /** After the round, in billionths. */
  readonly trust: number;
  /** In billionths, before staleness. */
  readonly mergeWeight: number;
  readonly rewardWei: bigint;
}

export interface SettledSeat {
  readonly missed: boolean;
  readonly penaltyBp: number;
  readonly rewardWei: bigint;
}

export type LedgerEventKind = LedgerEvent['kind'];
export type LedgerEventOf<Kind extends LedgerEventKind> = LedgerEvent & { readonly kind: Kind };
