import type { Blobs, Bus, Clock, Ledger, RunLog } from '#libs/ports';
import type { Digest, RunConfig } from '#libs/protocol';
import type { Post, RunDomain } from '#libs/wire';

/** What every node of a run agrees on before it begins. */
export interface Run {
  readonly config: RunConfig;
  readonly domain: RunDomain;
  /** Instant of the block that the run was created in. */
  readonly createdMs: number;
}

/** A lineup whose receipts are not in the store, so that nothing after it can be understood. */
export interface MissingLineup {
  readonly round: number;
  readonly root: Digest;
}

/** The world as one follower reaches it. */
export interface Surroundings {
  readonly clock: Clock;
  readonly bus: Bus;
  readonly blobs: Blobs;
  readonly ledger: Ledger;
  readonly post: Post;
  readonly log?: RunLog;
  /** Told of what went wrong in work that nobody waits for. */
  readonly fail: (error: unknown) => void;
  /** Told once of what has been looked for in vain for ten seconds; it is looked for all the same. */
  readonly missing?: (lineup: MissingLineup) => void;
}
