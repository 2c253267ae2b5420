import type { Seat } from './election.ts';
import {
  type ActorId,
  type Digest,
  isActor,
  isCount,
  isDigest,
  isFraction,
  isInstant,
  isInteger,
  isRole,
  isWei,
  type Role,
} from './ids.ts';
import type { Receipt } from './members.ts';
import type { Entry, Outcome, Phase } from './state.ts';
import { isScore } from './tally.ts';

/**
 * Everything that can happen to a run. Whoever feeds an input has checked what only the outside can check: signatures,
 * digests of bytes, and that the ledger really holds what is said to be on it. What comes from the ledger carries the time
 * of its block and is fed in the ledger's order: so every follower gets the same deadlines. The rest carries the
 * follower's own time.
 */
export type Input = { readonly atMs: number } & (
  | { readonly kind: 'time' }
  // from the ledger: the run and its members
  | { readonly kind: 'fund' }
  | {
      readonly kind: 'join';
      readonly actor: ActorId;
      readonly role: Role;
      /** Of its account, from 1; no two accounts have the same. */
      readonly number: number;
      readonly bondWei: bigint;
    }
  | { readonly kind: 'leave'; readonly actor: ActorId }
  | { readonly kind: 'suspend'; readonly actor: ActorId }
  | { readonly kind: 'checkIn'; readonly actor: ActorId }
  | { readonly kind: 'bond'; readonly actor: ActorId; readonly bondWei: bigint }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'finish' }
  /** The run is over there, wherever it stands here. */
  | { readonly kind: 'ended'; readonly how: 'finished' | 'halted' }
  // from the ledger: the round
  | {
      readonly kind: 'open';
      readonly round: number;
      /** By seat. */
      readonly committee: readonly Seat[];
    }
  | {
      readonly kind: 'lineup';
      readonly round: number;
      readonly lineup: Digest;
      readonly entries: readonly Entry[];
    }
  | {
      readonly kind: 'commit';
      readonly round: number;
      readonly validator: ActorId;
      readonly commitment: Digest;
    }
  | {
      readonly kind: 'reveal';
      readonly round: number;
      readonly validator: ActorId;
      readonly scores: readonly number[];
    }
  | { readonly kind: 'preview'; readonly round: number; readonly outcome: Outcome; readonly parent: Digest }
  | {
      readonly kind: 'settlement';
      readonly round: number;
      readonly outcome: Outcome;
      /** The model that a certificate releases; null: nothing is released. */
      readonly model: Digest | null;
    }
  | { readonly kind: 'void'; readonly round: number }
  /** A phase has begun on the ledger, and ends there then. */
  | {
      readonly kind: 'deadline';
      readonly round: number;
      readonly phase: Phase['kind'];
      readonly dueMs: number;
    }
  // signed statements
  | { readonly kind: 'receipt'; readonly receipt: Receipt }
  | (AboutLineup & {
      readonly kind: 'proposal';
      readonly proposer: ActorId;
      readonly lineup: Digest;
      readonly entries: readonly Entry[];
    })
  | (AboutLineup & { readonly kind: 'lineupSignature'; readonly validator: ActorId; readonly lineup: Digest })
  | {
      readonly kind: 'certificateSignature';
      readonly round: number;
      readonly parent: Digest;
      readonly validator: ActorId;
      readonly model: Digest;
    }
  // work done
  | {
      readonly kind: 'opened';
      readonly round: number;
      readonly trainer: ActorId;
      readonly sequence: number;
      readonly intact: boolean;
    }
  | { readonly kind: 'scored'; readonly round: number; readonly validator: ActorId }
  | { readonly kind: 'merged'; readonly round: number; readonly validator: ActorId; readonly model: Digest }
);

/** The slot of a statement about a lineup; with its signer, at most one statement may ever fill it. */
interface AboutLineup {
  readonly round: number;
  readonly attempt: number;
  readonly parent: Digest;
}

export type InputKind = Input['kind'];
export type InputOf<Kind extends InputKind> = Extract<Input, { kind: Kind }>;

type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

/** Longest list that any input carries; longer ones are refused before they are looked at. */
const longestList = 1024;

/** What a committee may have at most, whatever the configuration. */
const mostSeats = 32;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length <= longestList && value.every(check);
const shaped = (shape: Shape): Check => {
  const fields = Object.entries(shape);
  return (value) => isObject(value) && fields.every(([name, check]) => check(value[name]));
};
const isTally: Check = (value) => value === 'unavailable' || isScore(value);
const isBoolean: Check = (value) => typeof value === 'boolean';
const phases: readonly unknown[] = [
  'training',
  'lineup',
  'opening',
  'commit',
  'reveal',
  'settlement',
] satisfies Phase['kind'][];

const entries = listOf(shaped({ trainer: isActor, sequence: isCount, base: isCount, receipt: isDigest }));
const seat = shaped({ id: isActor, bondWei: isWei });
const isCommittee: Check = (value) =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= mostSeats &&
  value.every(seat) &&
  new Set((value as Seat[]).map(({ id }) => id)).size === value.length;
const outcome = shaped({
  verdicts: listOf(shaped({ accepted: isBoolean, tally: isTally, weight: isFraction })),
  trusts: listOf(shaped({ trainer: isActor, trust: isFraction })),
  rewards: listOf(shaped({ actor: isActor, amountWei: isWei })),
  penalties: listOf(shaped({ actor: isActor, amountWei: isWei, jailedUntilRound: isCount })),
});
const signed = { round: isCount, attempt: isCount, parent: isDigest };

const checks: {
  readonly [Kind in InputKind]: Readonly<Record<Exclude<keyof InputOf<Kind>, 'kind' | 'atMs'>, Check>>;
} = {
  time: {},
  fund: {},
  join: { actor: isActor, role: isRole, number: (value) => isInteger(value, 1, 2 ** 32), bondWei: isWei },
  leave: { actor: isActor },
  suspend: { actor: isActor },
  checkIn: { actor: isActor },
  bond: { actor: isActor, bondWei: isWei },
  pause: {},
  resume: {},
  finish: {},
  ended: { how: (value) => value === 'finished' || value === 'halted' },
  open: { round: isCount, committee: isCommittee },
  lineup: { round: isCount, lineup: isDigest, entries },
  commit: { round: isCount, validator: isActor, commitment: isDigest },
  reveal: { round: isCount, validator: isActor, scores: listOf(isScore) },
  preview: { round: isCount, outcome, parent: isDigest },
  settlement: { round: isCount, outcome, model: (value) => value === null || isDigest(value) },
  void: { round: isCount },
  deadline: { round: isCount, phase: (value) => phases.includes(value), dueMs: isInstant },
  receipt: {
    receipt: shaped({
      trainer: isActor,
      sequence: isCount,
      base: isCount,
      sealed: isDigest,
      plain: isDigest,
      sizeBytes: isCount,
      digest: isDigest,
    }),
  },
  proposal: { ...signed, proposer: isActor, lineup: isDigest, entries },
  lineupSignature: { ...signed, validator: isActor, lineup: isDigest },
  certificateSignature: { round: isCount, parent: isDigest, validator: isActor, model: isDigest },
  opened: { round: isCount, trainer: isActor, sequence: isCount, intact: isBoolean },
  scored: { round: isCount, validator: isActor },
  merged: { round: isCount, validator: isActor, model: isDigest },
};

const shapes: ReadonlyMap<unknown, Check> = new Map(
  Object.entries(checks).map(([kind, shape]) => [kind, shaped(shape)]),
);

/** True for an input of the right shape, whatever was handed in. */
export function isInput(value: unknown): value is Input {
  try {
    return isObject(value) && isInstant(value.atMs) && shapes.get(value.kind)?.(value) === true;
  } catch {
    return false; // a getter or a proxy that throws is no input either
  }
}

/** The actor that an input is about, if it is about one. */
export function actorOf(input: Input): ActorId | null {
  if ('actor' in input) return input.actor;
  if ('validator' in input) return input.validator;
  if ('trainer' in input) return input.trainer;
  if ('proposer' in input) return input.proposer;
  return input.kind === 'receipt' ? input.receipt.trainer : null;
}
