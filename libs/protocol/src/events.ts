import type { Seat } from './election.ts';
import type { ActorId, Digest, Role } from './ids.ts';
import type { InputKind } from './inputs.ts';
import type { Receipt } from './members.ts';
import type { RejectionCode } from './rejections.ts';
import type { Certified, Entry, Outcome, Phase } from './state.ts';
import type { Slot } from './statements.ts';
import type { Tally } from './tally.ts';

/** What happened, in the order in which it happened: log, dashboard, metrics and reports read this and nothing else. */
export type Event = EventBody & { readonly atMs: number };

export type EventBody =
  // the run
  | { readonly kind: 'runFunded'; readonly dueMs: number }
  | { readonly kind: 'gatheringOpened'; readonly dueMs: number }
  | { readonly kind: 'runPaused'; readonly dueMs: number }
  | { readonly kind: 'runFinished'; readonly reason: 'asked' | 'allRounds' | 'ledger' }
  | { readonly kind: 'runHalted'; readonly reason: 'notFunded' | 'tooManyVoidRounds' | 'ledger' }
  | { readonly kind: 'pauseAsked' | 'resumeAsked' | 'finishAsked' }
  // members
  | {
      readonly kind: 'joinAsked';
      readonly actor: ActorId;
      readonly role: Role;
      readonly number: number;
      readonly bondWei: bigint;
    }
  | { readonly kind: 'leaveAsked'; readonly actor: ActorId }
  | { readonly kind: 'memberSuspended'; readonly actor: ActorId }
  | { readonly kind: 'checkedIn'; readonly actor: ActorId }
  | { readonly kind: 'bondChanged'; readonly actor: ActorId; readonly bondWei: bigint }
  | {
      readonly kind: 'membersChanged';
      readonly joined: readonly ActorId[];
      readonly left: readonly ActorId[];
      readonly becameActive: readonly ActorId[];
      readonly becameInactive: readonly ActorId[];
    }
  // a round
  | {
      readonly kind: 'roundOpened';
      readonly round: number;
      readonly version: number;
      readonly dueMs: number;
      readonly lineupByMs: number;
      readonly draw: Digest;
      readonly committee: readonly Seat[];
      readonly sampled: readonly ActorId[] | null;
    }
  | { readonly kind: 'receiptAccepted'; readonly round: number; readonly receipt: Receipt }
  | { readonly kind: 'trainingExtended'; readonly round: number; readonly dueMs: number }
  | {
      readonly kind: 'phaseOpened';
      readonly round: number;
      readonly phase: 'lineup' | 'commit' | 'reveal' | 'settlement';
      readonly attempt: number;
      readonly dueMs: number;
      readonly because: 'complete' | 'deadline';
    }
  | {
      readonly kind: 'deadlineMoved';
      readonly round: number;
      readonly phase: Phase['kind'];
      readonly attempt: number;
      readonly dueMs: number;
      readonly lineupByMs: number;
    }
  | {
      readonly kind: 'lineupProposed';
      readonly round: number;
      readonly attempt: number;
      readonly proposer: ActorId;
      readonly lineup: Digest;
      readonly entries: readonly Entry[];
    }
  | {
      readonly kind: 'lineupSigned';
      readonly round: number;
      readonly attempt: number;
      readonly validator: ActorId;
      readonly lineup: Digest;
    }
  | {
      readonly kind: 'lineupPlaced';
      readonly round: number;
      readonly lineup: Digest;
      readonly entries: readonly Entry[];
      readonly dueMs: number;
    }
  | {
      readonly kind: 'updateOpened';
      readonly round: number;
      readonly trainer: ActorId;
      readonly sequence: number;
      readonly intact: boolean;
    }
  | { readonly kind: 'updatesScored'; readonly round: number; readonly validator: ActorId }
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
    }
  | { readonly kind: 'ballotsTallied'; readonly round: number; readonly tallies: readonly Tally[] }
  | {
      readonly kind: 'settlementPreviewed';
      readonly round: number;
      readonly parent: Digest;
      readonly outcome: Outcome;
    }
  | {
      readonly kind: 'updatesMerged';
      readonly round: number;
      readonly validator: ActorId;
      readonly model: Digest;
    }
  | {
      readonly kind: 'certificateSigned';
      readonly round: number;
      readonly validator: ActorId;
      readonly model: Digest;
    }
  | ({ readonly kind: 'modelCertified'; readonly round: number } & Certified)
  | {
      readonly kind: 'roundSettled';
      readonly round: number;
      readonly outcome: Outcome;
      readonly released: boolean;
    }
  | {
      readonly kind: 'modelReleased';
      readonly round: number;
      readonly version: number;
      readonly model: Digest;
    }
  | { readonly kind: 'roundVoided'; readonly round: number; readonly reason: VoidReason }
  // refusals
  | {
      readonly kind: 'equivocationFound';
      readonly actor: ActorId;
      readonly slot: Slot;
      readonly first: Digest;
      readonly second: Digest;
    }
  | {
      readonly kind: 'inputRejected';
      readonly code: RejectionCode;
      readonly input: InputKind | null;
      readonly actor: ActorId | null;
    };

export type VoidReason =
  'tooFewMembers' | 'noReceipts' | 'noLineup' | 'tooFewCommits' | 'tooFewReveals' | 'notSettled';

export type EventKind = Event['kind'];
export type EventOf<Kind extends EventKind> = Extract<Event, { kind: Kind }>;
