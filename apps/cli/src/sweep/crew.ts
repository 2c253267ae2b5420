import { availableParallelism, freemem } from 'node:os';
import type { Sweep, Trial } from '#libs/experiment';
import type { TrialRunner } from './trial-processes.ts';

/** Who carries out trials, and how many are handed out at a time. */
export interface Working {
  readonly jobs: number;
  /** Threads of each process. */
  readonly workers: number;
  readonly openRunner: () => TrialRunner;
}

/** Processes of this machine, or workers elsewhere. */
export interface Crew {
  /** Trials that it runs at a time, as far as can be said. */
  readonly jobs: number;
  /** Where they are given out; null: nowhere, they are run here. */
  readonly redis: string | null;
  /** Has it work while something is done. */
  during<Result>(
    task: { readonly out: string; readonly sweep: Sweep; readonly left: readonly Trial[] },
    use: (working: Working) => Promise<Result>,
  ): Promise<Result>;
}

/** Memory of a process with an EVM, a dataset and a model, with something to spare. */
const bytesOfTrial = 1.2e9;

/** Trials at a time that cores and memory of this machine bear. */
export const bearableJobs = (): number =>
  Math.max(1, Math.min(availableParallelism(), Math.floor(freemem() / bytesOfTrial)));

export const threadsOf = (jobs: number): number => Math.max(1, Math.floor(availableParallelism() / jobs));

export function localCrew(openRunner: () => TrialRunner, jobs = bearableJobs()): Crew {
  const working = { jobs, workers: threadsOf(jobs), openRunner };
  return { jobs, redis: null, during: (_, use) => use(working) };
}
