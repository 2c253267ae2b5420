import type { ClassCount } from '#libs/learning';
import type { ActorId, Event, RunState } from '#libs/protocol';
import type { RunPlan } from '#libs/experiment';

/** Somebody in a simulated run. */
export interface CastMember {
  readonly id: ActorId;
  /** `trainer-0`, `validator-2`: position in the plan. */
  readonly name: string;
  readonly role: 'trainer' | 'validator';
  readonly position: number;
  /** Kind of its behaviour; `honest` is one. */
  readonly behaviour: string;
  /** Where on the simulated network it is. */
  readonly site: string;
}

/** What is being measured while a run goes on. Instants are virtual, costs of the machine are real. */
export interface RunInProgress {
  readonly plan: RunPlan;
  readonly cast: readonly CastMember[];
  /** The run as an observer sees it that nothing keeps from seeing all; null where there is no protocol (baselines). */
  readonly state: RunState | null;
  readonly nowMs: number;
  /** What an actor is busy with on its own device. */
  activityOf(actor: ActorId): 'idle' | 'training' | 'scoring' | 'merging' | 'down';
  /** Rewards less penalties so far. */
  earnedWei(actor: ActorId): bigint;
  readonly rounds: readonly RoundRecord[];
}

/** One round, as far as it can be told in numbers. */
export interface RoundRecord {
  readonly round: number;
  readonly result: 'released' | 'settled' | 'void';
  /** Newest version after it. */
  readonly version: number;
  /** Virtual, since the run was created. */
  readonly openedMs: number;
  readonly endedMs: number;
  /** Of the newest model, on the test set. */
  readonly accuracy: number | null;
  readonly loss: number | null;
  /** Share of an attack's own test on which it has the model where it wants it; null where there is no such attack. */
  readonly attack?: number | null;
  readonly perClass: readonly ClassCount[];
  /** Models that nobody else gets, on the test set: of a baseline's Trainers, each before it was merged. */
  readonly locals?: readonly LocalRecord[];
  /** Of each Trainer in the lineup. */
  readonly verdicts: readonly {
    readonly trainer: ActorId;
    readonly accepted: boolean;
    /** null: unavailable. */
    readonly tally: number | null;
    readonly staleness: number;
    readonly rewardWei: bigint;
  }[];
  /** After the round, in billionths. */
  readonly trusts: readonly { readonly trainer: ActorId; readonly trust: number }[];
  readonly penalties: readonly { readonly actor: ActorId; readonly amountWei: bigint }[];
  /** Mean distance of a Validator's scores from the tallies, in basis points. */
  readonly agreement: readonly { readonly validator: ActorId; readonly distanceBp: number }[];
  readonly gas: number;
  /** Signed messages, each counted once; sealed updates and models, as often as they were moved. */
  readonly messageBytes: number;
  readonly blobBytes: number;
  /** Seconds of this machine: of the whole round, and added up over its threads. */
  readonly real: {
    readonly wall: number;
    readonly training: number;
    readonly scoring: number;
    readonly merging: number;
    readonly chain: number;
    readonly testing: number;
  };
}

/** One Trainer's own model. */
export interface LocalRecord {
  readonly name: string;
  readonly loss: number;
  readonly accuracy: number | null;
  readonly perClass: readonly ClassCount[];
}

/** Somebody who looks on. All calls are made while the run waits for them to return. */
export interface RunObserver {
  started?(run: RunInProgress): void;
  events?(events: readonly Event[], run: RunInProgress): void;
  /** After a round, when its model has been tested. */
  round?(record: RoundRecord, run: RunInProgress): void;
}

export interface RunResult {
  readonly end: 'finished' | 'halted' | 'stopped';
  readonly rounds: readonly RoundRecord[];
  readonly actors: readonly ActorResult[];
  /** Of the last released model. */
  readonly accuracy: number | null;
  readonly virtualMs: number;
  readonly realSeconds: number;
}

export interface ActorResult extends CastMember {
  /** In billionths; null for Validators. */
  readonly trust: number | null;
  readonly accepted: number;
  readonly refused: number;
  readonly rewardsWei: bigint;
  readonly penaltiesWei: bigint;
  /** Everything it has at the end, bond and rewards included, less what it came with. */
  readonly profitWei: bigint;
  readonly bondWei: bigint;
  readonly jailedUntilRound: number;
  /** Share of the run's virtual time in which its device did nothing. */
  readonly idle: number;
}
