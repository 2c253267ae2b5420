import type { ActorId, Digest, Role } from './ids.ts';
import type { Attendance } from './schemes/scheme.ts';

/**
 * A Trainer's signed statement of an update, made before the bytes are readable. `digest` identifies the statement
 * itself; `sealed` and `plain` are the SHA-256 of the update's bytes before and after the key is known.
 */
export interface Receipt {
  readonly trainer: ActorId;
  readonly sequence: number;
  /** Model version that the Trainer started from. */
  readonly base: number;
  readonly sealed: Digest;
  readonly plain: Digest;
  readonly sizeBytes: number;
  readonly digest: Digest;
}

/** A receipt that no settlement has used yet. */
export interface Held {
  readonly receipt: Receipt;
  /** A second receipt with the same sequence turned up: neither counts. */
  readonly spoiled: boolean;
}

export interface Trainer {
  readonly id: ActorId;
  /** Its account on the ledger, which orders everything in a round by it. */
  readonly number: number;
  readonly bondWei: bigint;
  /** In billionths; set by settlements only. */
  readonly trust: number;
  /** Highest sequence that a settlement has used, -1 before the first; up to it everything is a replay. */
  readonly usedSequence: number;
  /** Unused receipts, ascending by sequence. */
  readonly unused: readonly Held[];
  /** Highest base of an update of its in a settled lineup; of a newcomer, the version it found. */
  readonly progress: number;
  /** Rounds in a row that asked it to train and had no update of its in the lineup. */
  readonly missedRounds: number;
  /** False: nobody waits for it. It is asked to train all the same, and active again in the round after it has delivered. */
  readonly active: boolean;
  /** The ledger takes no receipt of its into a lineup until it checks in. */
  readonly suspended: boolean;
  /** First round in which it may check in again. */
  readonly jailedUntilRound: number;
}

export interface Validator {
  readonly id: ActorId;
  readonly number: number;
  readonly bondWei: bigint;
  /** False: it has no vote until it checks in. */
  readonly active: boolean;
  readonly jailedUntilRound: number;
}

/** What the ledger says that an account is from the next opened round on. */
export interface Membership {
  /** null: it has left. */
  readonly role: Role | null;
  readonly number: number;
  readonly bondWei: bigint;
  /** False: suspended. */
  readonly active: boolean;
}

/** Where a new receipt goes, or why it has no place. */
export type Placed =
  | { readonly kind: 'held'; readonly unused: readonly Held[] }
  | { readonly kind: 'duplicate' | 'replayed' | 'superseded' }
  | { readonly kind: 'equivocation'; readonly first: Receipt; readonly spoiled: boolean };

/**
 * Places a receipt among a Trainer's unused ones. The `limit` highest sequences are kept: unlike "the first to arrive" or
 * "so many in a round", that comes out the same in every order of arrival, so that followers who show each other what
 * they have end up with the same.
 */
export function placeReceipt(trainer: Trainer, receipt: Receipt, limit: number): Placed {
  const { unused, usedSequence } = trainer;
  if (receipt.sequence <= usedSequence) return { kind: 'replayed' };
  const twin = unused.find((held) => held.receipt.sequence === receipt.sequence);
  if (twin !== undefined) {
    return twin.receipt.digest === receipt.digest
      ? { kind: 'duplicate' }
      : { kind: 'equivocation', first: twin.receipt, spoiled: twin.spoiled };
  }
  const before = unused.filter((held) => held.receipt.sequence < receipt.sequence);
  const after = unused.slice(before.length);
  if (after.length >= limit) return { kind: 'superseded' };
  return { kind: 'held', unused: [...before, { receipt, spoiled: false }, ...after].slice(-limit) };
}

/** The unused receipts that count, ascending by sequence. */
export const usable = (trainer: Trainer | undefined): readonly Held[] =>
  trainer?.unused.filter(({ spoiled }) => !spoiled) ?? [];

/**
 * True if the Trainer has to wait for slower ones before an update of the given base counts. The slowest never wait, or
 * nothing would ever move. Known to all who follow the ledger, so it may decide what is in a lineup; whether a receipt is
 * kept it may not, since that would depend on the round in which it arrives.
 */
export function isHeldBack({ progress }: Trainer, base: number, { slowest, maxAhead }: Pace): boolean {
  return progress > slowest && base - slowest > maxAhead;
}

/** How far the slowest Trainer of a round has come, and by how many versions the others may be ahead. */
export interface Pace {
  readonly slowest: number;
  readonly maxAhead: number;
}

/** The receipt that a lineup takes of a Trainer now: the newest that counts. */
export function candidateOf(trainer: Trainer, pace: Pace): Receipt | undefined {
  if (trainer.suspended) return undefined;
  return trainer.unused.findLast(
    ({ receipt, spoiled }) => !spoiled && !isHeldBack(trainer, receipt.base, pace),
  )?.receipt;
}

/** What one Trainer adds to a round's attendance. */
export function attendanceOf(trainer: Trainer, expected: boolean, version: number, pace: Pace): Attendance {
  const counts = expected ? 1 : 0;
  const isReady = candidateOf(trainer, pace) !== undefined;
  const isCurrent = trainer.unused.some(({ receipt, spoiled }) => !spoiled && receipt.base === version);
  return {
    expected: counts,
    present: isReady ? counts : 0,
    current: isCurrent ? counts : 0,
    ready: isReady ? 1 : 0,
  };
}

export function addAttendance(a: Attendance, b: Attendance, sign: 1 | -1 = 1): Attendance {
  return {
    expected: a.expected + sign * b.expected,
    present: a.present + sign * b.present,
    current: a.current + sign * b.current,
    ready: a.ready + sign * b.ready,
  };
}
