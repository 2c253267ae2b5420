import type { RunPlan } from '#libs/experiment';
import type { RunObserver, RunResult } from '#libs/simulation';

/** A run that has ended, and what of it is on the disk. */
export interface RunOutcome {
  readonly plan: RunPlan;
  readonly result: RunResult;
  /** Paths of what was written, to be said as they are. */
  readonly written: readonly string[];
  /** How a run that was stopped goes on; null where it does not. */
  readonly resume: string | null;
}

/** Who is told of a run as it goes: a person at a terminal, a log, or a machine. */
export interface RunReport extends RunObserver {
  /** What is allowed and probably not meant. */
  warn(warnings: readonly string[]): void;
  /** What takes a while before the run has started. */
  preparing(what: string): void;
  /** Somebody has asked for the end; the run goes on to its next boundary. */
  stopping(): void;
  end(outcome: RunOutcome): void;
  /** Gives the terminal back for now; what is told next may take it again. */
  hide(): void;
  /** Gives the terminal back, however the run came to its end; may be called more than once. */
  close(): void;
}

/** What is said of the first Ctrl-C. */
export const stoppingNote = 'stopping at the end of the round; Ctrl-C again exits at once';
