import { z } from 'zod';
import { actor, attempt, count, digest, readonly, record, role, scores, signature, wei } from './fields.ts';

/** At most so many receipts in a lineup and Validators in a committee, as in the contracts. */
const mostTrainers = 256;
const mostSeats = 32;

/** An account number. A lineup's bitmap has as many words as its highest number needs, and a stranger may write any. */
const account = z.int().min(0).max(65_535);

/** A list whose elements ascend strictly, so that it has one order and nothing twice. */
function ascending<T extends z.ZodType>(
  element: T,
  most: number,
  key: (value: z.output<T>) => string | number,
) {
  const ascends = (list: z.output<T>[]) =>
    list.every((value, i) => i === 0 || key(list[i - 1]!) < key(value));
  const list = z.array(element).min(1).max(most);
  return readonly(list.refine(ascends, { error: 'expected in strictly ascending order' }));
}

/** Where a statement about a lineup has its slot: round, proposers that failed before, and the history it builds on. */
const slot = { round: count, attempt, parent: digest };
/** Where one about a merged model has its: a certificate has one attempt, so that it survives a rotation of proposers. */
const onlySlot = { round: count, parent: digest };

/**
 * What each kind of message says. Its sender is in the envelope, and its digest is computed, so neither is repeated here.
 * The order of the fields is the order of their bytes.
 */
export const bodies = {
  /** By a Trainer, of an update that is sealed and stored. */
  receipt: record({ sequence: count, base: count, sealed: digest, plain: digest, sizeBytes: count }),
  /** By a Trainer whose update is in a lineup: now it can be opened. `key` is that of AES-256-GCM. */
  updateKey: record({ sequence: count, receipt: digest, key: digest }),
  /** By a proposer. `number` is the Trainer's account number in the run, the bit of the lineup on chain. */
  lineupProposal: record({
    ...slot,
    entries: ascending(record({ number: account, receipt: digest }), mostTrainers, ({ number }) => number),
  }),
  lineupSignature: record({ ...slot, lineup: digest }),
  /** By a Validator: its revealed ballot, for whoever brings all ballots to the ledger in one transaction. */
  ballot: record({ round: count, lineup: digest, scores, salt: digest }),
  certificateSignature: record({ ...onlySlot, model: digest }),
  /** By anybody: the certificate is what makes it true. */
  release: record({
    version: count,
    ...onlySlot,
    model: digest,
    signatures: ascending(record({ validator: actor, signature }), mostSeats, ({ validator }) => validator),
  }),
  /** What a member asks the ledger, told to the others; `round` is the one it is said in, so that old news shows. */
  join: record({ round: count, role, bondWei: wei }),
  leave: record({ round: count }),
  checkIn: record({ round: count }),
} as const;

export type Kind = keyof typeof bodies;
export type Bodies = { readonly [K in Kind]: z.output<(typeof bodies)[K]> };

export const kinds = Object.keys(bodies) as readonly Kind[];

export const isKind = (value: unknown): value is Kind =>
  typeof value === 'string' && Object.hasOwn(bodies, value);
