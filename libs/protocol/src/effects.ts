import type { ActorId, Digest } from './ids.ts';
import type { Receipt } from './members.ts';
import type { Certified, Entry } from './state.ts';
import type { Slot } from './statements.ts';
import type { Tally } from './tally.ts';

/** Who carries an effect out: one actor, the Sponsor, or anybody who sees it. */
export type Addressee = ActorId | 'sponsor' | 'anybody';

/**
 * What has to be done now, and by whom. Every node runs the same `step` and carries out the effects addressed to it.
 * All of them may be carried out twice without harm.
 */
export type Effect =
  | {
      readonly kind: 'setDeadline';
      readonly to: 'anybody';
      readonly dueMs: number;
      readonly of: PhaseName;
      /** `own`: feed `time` then, and this follower moves on. `ledger`: it will not, but `time` past it asks to close the phase there. */
      readonly clock: 'own' | 'ledger';
    }
  /** The ledger's deadline is over: have it closed there. Asked for with every `time` until the ledger says what comes next. */
  | { readonly kind: 'closePhase'; readonly to: 'anybody'; readonly of: PhaseName }
  | {
      readonly kind: 'reportEquivocation';
      readonly to: 'anybody';
      readonly actor: ActorId;
      readonly slot: Slot;
      readonly first: Digest;
      readonly second: Digest;
    }
  /** Send these receipts to everybody: somebody lacks them. */
  | { readonly kind: 'shareReceipts'; readonly to: 'anybody'; readonly receipts: readonly Receipt[] }
  | {
      readonly kind: 'announceRelease';
      readonly to: 'anybody';
      readonly version: number;
      readonly model: Digest;
    }
  | Duty;

/** An effect that stays due until its actor has done it: after a restart, `duties(state)` asks for it again. */
export type Duty = { readonly round: number } &
  /** Enough members are there: open the round on the ledger. */
  (
    | { readonly kind: 'openRound'; readonly to: 'anybody' }
    | { readonly kind: 'startTraining'; readonly to: ActorId; readonly base: number }
    | {
        readonly kind: 'proposeLineup';
        readonly to: ActorId;
        readonly attempt: number;
        readonly parent: Digest;
        readonly entries: readonly Entry[];
      }
    | {
        readonly kind: 'signLineup';
        readonly to: ActorId;
        readonly attempt: number;
        readonly parent: Digest;
        readonly lineup: Digest;
      }
    | {
        readonly kind: 'placeLineup';
        readonly to: ActorId;
        readonly attempt: number;
        readonly lineup: Digest;
        readonly entries: readonly Entry[];
        readonly signers: readonly ActorId[];
      }
    | {
        readonly kind: 'publishKey';
        readonly to: ActorId;
        readonly sequence: number;
        readonly receipt: Digest;
      }
    | {
        readonly kind: 'score';
        readonly to: ActorId;
        readonly lineup: Digest;
        readonly base: number;
        readonly entries: readonly (Entry & { readonly intact: boolean })[];
      }
    | { readonly kind: 'commitBallot'; readonly to: ActorId; readonly lineup: Digest }
    | { readonly kind: 'revealBallot'; readonly to: ActorId; readonly lineup: Digest }
    | {
        readonly kind: 'previewSettlement';
        readonly to: ActorId;
        readonly tallies: readonly Tally[];
      }
    | {
        readonly kind: 'merge';
        readonly to: ActorId;
        readonly base: number;
        readonly entries: readonly MergeEntry[];
      }
    | {
        readonly kind: 'signCertificate';
        readonly to: ActorId;
        /** The digest that came with the preview. */
        readonly parent: Digest;
        readonly model: Digest;
      }
    | {
        readonly kind: 'settle';
        /** The proposer, and after the last one anybody. */
        readonly to: ActorId | 'anybody';
        readonly attempt: number;
        readonly tallies: readonly Tally[];
        /** null: nothing can be released, but verdicts, rewards and penalties stand. */
        readonly certified: Certified | null;
      }
  );

/** An accepted update in a merge; weight in billionths: the policy's times that of its staleness. */
export interface MergeEntry extends Entry {
  readonly weight: number;
}

/** A phase of a round, or a stage of the run between rounds (round null). */
export interface PhaseName {
  readonly round: number | null;
  readonly phase: string;
  readonly attempt: number;
}
