import type { RunObserver, RunResult } from '#libs/simulation';

/** A run that has ended, and what of it is on the disk. */
export interface RunOutcome {
  readonly result: RunResult;
  /** Paths of what was written, to be said as they are. */
  readonly written: readonly string[];
  /** How a run that was stopped goes on; null where it cannot. */
  readonly resume: string | null;
}

/** Who is told of a run as it goes: a person at a terminal, a log, or a machine. */
export interface RunReport extends RunObserver {
  /** Before the start: what is allowed and probably not meant. */
  warn(warnings: readonly string[]): void;
  /** Somebody has asked for the end; the run goes on to its next boundary. */
  stopping(): void;
  end(outcome: RunOutcome): void;
  /** Gives the terminal back, however the run came to its end; may be called more than once. */
  close(): void;
}
