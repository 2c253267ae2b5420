import type { BlobKind } from '#libs/ports';
import type { ActorId, Digest } from '#libs/protocol';

/** Subjects of all runs; `libs/wire` says what comes after it. */
export const allSubjects = 'flobc.v1.>';

/** Everything that is said in a run, as it is heard. */
export const streamOf = (run: Digest): string => `FLOBC_${run}`;

/** Where what is said in a run comes in: so much from each sender in a time, and it does not stay for long. */
export const inletOf = (run: Digest): string => `FLOBC_INLET_${run}`;

/** Where an object is. The names know no run: an address has one bucket, whatever it takes part in. */
export const bucketOf = (what: BlobKind): string =>
  what.kind === 'update' ? updatesOf(what.by) : buckets[what.kind];

export const updatesOf = (trainer: ActorId): string => `flobc-updates-${trainer}`;

export const buckets = {
  model: 'flobc-models',
  lineup: 'flobc-lineups',
} as const;

/** The stream behind a bucket, as in NATS' own object stores. */
export const streamOfBucket = (bucket: string): string => `OBJ_${bucket}`;

/** What a member's own requests are answered to; nobody else may listen there. */
export const inboxOf = (name: string): string => `_INBOX_${tokenOf(name)}`;

/** What a node's durable consumer is called. */
export const durableOf = (name: string): string => tokenOf(name);

/** A name as one token of a subject. */
const tokenOf = (name: string): string => name.replaceAll(/[^\w-]/g, '_');
