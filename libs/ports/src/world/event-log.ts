import type { Event } from '#libs/protocol';

/** The events that a follower of the run has seen, in their order: the run's log. */
export interface EventLog {
  append(events: readonly Event[]): void;
}
