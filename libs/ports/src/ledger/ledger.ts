import type { ActorId, Digest, Outcome } from '#libs/protocol';
import type { Hex, Signer } from '#libs/wire';
import type { LedgerEvent } from './events.ts';
import type {
  Block,
  Endorsement,
  EquivocationProof,
  LedgerBallots,
  LedgerCertificate,
  LedgerLineup,
  LedgerMember,
  LedgerRole,
  LedgerRun,
  LedgerRunConfig,
  LedgerStatement,
  RevealedBallot,
  RunNumber,
  SplitSettlement,
} from './values.ts';

/**
 * A chain on which ledgers are deployed.
 *
 * Everything here and in what it gives out throws a `Fault` when the world fails: CHAIN_UNREACHABLE, CHAIN_REFUSED,
 * CHAIN_REVERTED_UNKNOWN, CHAIN_GAS_UNFUNDED, CHAIN_NONCE_TAKEN, CHAIN_REWOUND, CHAIN_CONTRACT_MISSING. What the protocol
 * refuses is a value, {@link Refused}.
 */
export interface Chain {
  readonly chainId: bigint;
  /** Deploys a token that the signer may mint, and a ledger that pays in it. */
  deployLedger(signer: Signer, capWei: bigint): Promise<Ledger>;
  /** Deploys a policy of the product by its name, or one of the user's by its creation code. */
  deployPolicy(signer: Signer, policy: PolicySource): Promise<ActorId>;
  /** The ledger at an address, with the token, bonds and rewards that belong to it. */
  attach(ledger: ActorId): Promise<Ledger>;
  head(): Promise<Block>;
  /** Ends all watching; nothing that was sent is taken back. */
  close(): Promise<void>;
}

export type PolicySource =
  | { readonly name: string; readonly parameters?: readonly unknown[] }
  /** Compiled, with the constructor's arguments appended. */
  | { readonly creationCode: Hex };

/** The contracts of one deployment: token, bonds, rewards, runs. */
export interface Ledger {
  readonly addresses: LedgerAddresses;
  /** Number of runs; they are numbered from 0. */
  runs(): Promise<bigint>;
  /** null if there is no such run. */
  run(run: RunNumber): Promise<LedgerRun | null>;
  member(run: RunNumber, account: ActorId): Promise<LedgerMember>;
  accountOf(run: RunNumber, index: number): Promise<ActorId>;
  /** What a statement's author signs (EIP-712), as the ledger itself computes it. */
  statementDigest(statement: LedgerStatement): Promise<Digest>;
  /**
   * What `settle` with the same ballots would decide now. Money has one implementation: the contracts.
   * @param afterBlock What it would have decided then, where the node still has that state.
   */
  previewSettlement(
    run: RunNumber,
    ballots: LedgerBallots,
    afterBlock?: number,
  ): Promise<Previewed | Refused>;
  head(): Promise<Block>;
  /** All events from a place on, each once, in order. Ends when the signal aborts or the chain is closed. */
  watch(from: WatchFrom): AsyncIterable<Change>;
  /** What the account of this key can do. All transactions of one key on a chain leave in one queue. */
  as(signer: Signer): LedgerActions;
}

export interface LedgerAddresses {
  readonly ledger: ActorId;
  readonly token: ActorId;
  readonly registry: ActorId;
  readonly vault: ActorId;
}

export interface Previewed {
  readonly kind: 'previewed';
  /** False if the policy gives no valid answer, so that the outcome is the ledger's fallback. */
  readonly answered: boolean;
  /** The settler's own share is not among the rewards: at a preview nobody knows who it will be. */
  readonly outcome: Outcome;
  readonly settlerWei: bigint;
  /**
   * What the certificate of a model merged by this outcome builds on (`certificateParent` of libs/wire). Another history
   * of the chain with another outcome has another.
   */
  readonly parent: Digest;
}

// ------------------------------------------------------------------------------------------------------- acting

/** What one account can do. Every call is one transaction (unless it says otherwise), however often it had to be sent. */
export interface LedgerActions {
  readonly token: TokenActions;
  readonly sponsor: SponsorActions;
  readonly membership: MembershipActions;
  readonly rounds: RoundActions;
  readonly settlement: SettlementActions;
}

export interface TokenActions {
  /** Owner of the token only, up to its cap. */
  mint(account: ActorId, amountWei: bigint): Promise<Sent>;
  transfer(account: ActorId, amountWei: bigint): Promise<Sent>;
}

export interface SponsorActions {
  /** Creates a run; its number is in the event `runCreated`. */
  createRun(config: LedgerRunConfig): Promise<Sent>;
  /** Open to everybody. The first time an account funds, a second transaction lets the vault take its tokens. */
  fund(run: RunNumber, amountWei: bigint): Promise<Sent>;
  pause(run: RunNumber): Promise<Sent>;
  resume(run: RunNumber): Promise<Sent>;
  finish(run: RunNumber): Promise<Sent>;
  /** After the end, open to everybody: what is left of the budget is credited to the Sponsor. */
  releaseBudget(run: RunNumber): Promise<Sent>;
}

export interface MembershipActions {
  /** Bonds for this account or another. The first time, a second transaction lets the registry take its tokens. */
  bond(run: RunNumber, amountWei: bigint, beneficiary?: ActorId): Promise<Sent>;
  join(run: RunNumber, role: Exclude<LedgerRole, 'none'>): Promise<Sent>;
  /** Leaves from the next round on, and starts to unbond. */
  leave(run: RunNumber): Promise<Sent>;
  checkIn(run: RunNumber): Promise<Sent>;
  /** Takes back what has been unbonding for long enough. */
  withdraw(run: RunNumber): Promise<Sent>;
  /** Takes out all rewards that were credited. */
  claim(run: RunNumber): Promise<Sent>;
}

export interface RoundActions {
  open(run: RunNumber): Promise<Sent>;
  /** By the proposer at the attempt that was endorsed, at any time before the phase is overdue. */
  proposeLineup(run: RunNumber, lineup: LedgerLineup, endorsement: Endorsement): Promise<Sent>;
  commit(run: RunNumber, round: number, seat: number, commitment: Digest): Promise<Sent>;
  /** One's own ballot, or those of several Validators. */
  reveal(run: RunNumber, round: number, ballots: readonly RevealedBallot[]): Promise<Sent>;
  /** Leads out of a phase that is overdue: on where a quorum has acted, into a void round otherwise. */
  closePhase(run: RunNumber): Promise<Sent>;
}

export interface SettlementActions {
  /**
   * Settles the round and applies the outcome to the first `limit` Trainers of the lineup, to all by default.
   * @param certificate null: pay and punish, release nothing.
   */
  settle(
    run: RunNumber,
    ballots: LedgerBallots,
    certificate: LedgerCertificate | null,
    limit?: number,
  ): Promise<Sent>;
  /** Applies a decided settlement to the next `limit` Trainers. Open to everybody: nothing is left to decide. */
  continue(run: RunNumber, settlement: SplitSettlement, limit?: number): Promise<Sent>;
  proveEquivocation(run: RunNumber, proof: EquivocationProof): Promise<Sent>;
}

/** What became of a transaction, once it is as many blocks deep as the chain was told to wait for. */
export type Sent = Done | Refused;

export interface Done {
  readonly kind: 'done';
  readonly transaction: Digest;
  readonly block: Block;
  readonly gasUsed: bigint;
  readonly events: readonly LedgerEvent[];
}

/** The protocol refuses: a custom error of the contracts, with its facts. Nothing has changed but perhaps a nonce. */
export interface Refused {
  readonly kind: 'reverted';
  /** As in the contracts: `RunLedgerInsufficientBond`. */
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

// ------------------------------------------------------------------------------------------------------ watching

export interface WatchFrom {
  /** The first block to look at; 0 by default. */
  readonly fromBlock?: number;
  /** Or: the last block that was dealt with for good. A CHAIN_REWOUND fault if the chain no longer has it. */
  readonly after?: Pick<Block, 'number' | 'hash'>;
  /** Blocks that must be on top of one before its events are reported; 0 by default: at once, perhaps to be removed. */
  readonly depth?: number;
  readonly signal?: AbortSignal;
}

/**
 * What one block brought, or took back when a reorganisation removed it: events of a removed block come with the same
 * transaction and log index as when they were added. Added blocks ascend, removed ones descend. A block without events
 * is reported when it is the newest, so that a follower knows the ledger's time, and may be left out when it is not.
 */
export interface Change {
  readonly kind: 'added' | 'removed';
  readonly block: Block;
  readonly events: readonly LedgerEvent[];
}
