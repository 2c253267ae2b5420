import type { Digest } from './ids.ts';

/**
 * The place of a signed statement. An honest actor fills each slot once: it writes the statement down before it sends
 * it, and afterwards sends what is written. A restart finds it written, a proposer rotation has another attempt, a
 * reorganised ledger another parent; so only a dishonest actor has two statements in one slot.
 */
export type Slot =
  | { readonly kind: 'receipt'; readonly sequence: number }
  | {
      readonly kind: 'lineup' | 'certificate';
      readonly round: number;
      readonly attempt: number;
      readonly parent: Digest;
    };

/** A statement of one actor: what was said (a digest) in which slot. */
export interface Statement {
  readonly slot: Slot;
  readonly says: Digest;
}

/** One spelling for each slot of an actor in a run, to write statements down under. */
export function slotKey(slot: Slot): string {
  return slot.kind === 'receipt'
    ? `receipt/${slot.sequence}`
    : `${slot.kind}/${slot.round}/${slot.attempt}/${slot.parent}`;
}

/** True for two statements of one actor that prove its dishonesty. */
export function isEquivocation(a: Statement, b: Statement): boolean {
  return slotKey(a.slot) === slotKey(b.slot) && a.says !== b.says;
}
