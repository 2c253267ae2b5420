import type { Digest } from '#libs/protocol';

/** The files of a run folder. Those that grow, in the order in which they are flushed: a line comes after what it is about. */
export const growing = [
  'statements.jsonl',
  'transactions.jsonl',
  'ballots.jsonl',
  'inputs.jsonl',
  'events.jsonl',
  'rounds.jsonl',
  'rounds.csv',
] as const;

export type GrowingFile = (typeof growing)[number];

export const manifestFile = 'manifest.json';
export const summaryFile = 'summary.json';
export const checkpointFile = 'checkpoint.json';

/** By the digits alone, so that `sha256sum blobs/*` shows whether names and contents agree. */
export const blobFile = (digest: Digest): string => `blobs/${digest.slice(2)}`;
