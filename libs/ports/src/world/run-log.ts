import type { Event, Input } from '#libs/protocol';

/** Who vouches for an input: the ledger, a signature, this node's own work or its own clock. */
export type Origin = 'ledger' | 'statement' | 'work' | 'clock';

/** What a follower of a run was told and what came of it, in order: enough to follow the run once more. */
export interface RunLog {
  /** A message that is what it says; before the input that it becomes. */
  statement(bytes: Uint8Array, atMs: number): void;
  input(input: Input, origin: Origin): void;
  events(events: readonly Event[]): void;
}
