import type { Follower } from '#libs/node';

/** The node that a process hosts, on what follows the run for it. */
export interface HostedNode {
  readonly follower: Follower;
  start(): void;
  /** What is under way comes to its end or is left; what was promised is in the journal. */
  stop(): Promise<void>;
}

/** Under which the module of an app provides its node. */
export const HOSTED_NODE = Symbol('HostedNode');
