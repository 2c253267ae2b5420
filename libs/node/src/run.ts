import type { Blobs, Bus, Clock, Ledger, RunLog } from '#libs/ports';
import type { RunConfig } from '#libs/protocol';
import type { Post, RunDomain } from '#libs/wire';

/** What every node of a run agrees on before it begins. */
export interface Run {
  readonly config: RunConfig;
  readonly domain: RunDomain;
  /** Instant of the block that the run was created in. */
  readonly createdMs: number;
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
}
