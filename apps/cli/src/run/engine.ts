import type { RunPlan } from '#libs/experiment';
import type { RunObserver, RunResult } from '#libs/simulation';

export interface EngineOptions {
  readonly observer: RunObserver;
  /** Ends the run at its next boundary. */
  readonly signal: AbortSignal;
  /** What the paths of the plan are relative to. */
  readonly folder: string;
  /** Where the run is written down; absent: in the next free folder of `runs`. */
  readonly out?: string;
  /** `out` holds this run, stopped before its end. */
  readonly isResumed: boolean;
  /** Threads; absent: the cores. Changes no result. */
  readonly workers?: number;
  /** What is to be done, in no time, if this process ends at once: other processes do not end with it. */
  readonly beforeEndingNow: (call: () => void) => void;
  /** Told of what takes long before the run has started. */
  readonly say: (what: string) => void;
  /** Told of what is not as the plan asks for. */
  readonly warn: (warnings: readonly string[]) => void;
}

export interface Carried {
  readonly result: RunResult;
  /** The run folder. */
  readonly path: string;
  /** How the run goes on if it was stopped; absent: as `flobc run` does. */
  readonly resume?: string;
  /** What is left to do when its end has been told: keeping a network up until the signal aborts. */
  readonly afterwards?: () => Promise<void>;
}

/** Carries a plan out. Tests put a made-up run in its place. */
export type Engine = (plan: RunPlan, options: EngineOptions) => Promise<Carried>;
