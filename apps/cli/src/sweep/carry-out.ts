import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Trial, trialFolder, trialName } from '#libs/experiment';
import type { SweepReport } from './report.ts';
import type { Outcome, TrialRunner } from './trial-processes.ts';

export interface CarryingOut {
  readonly out: string;
  readonly jobs: number;
  /** Threads of each process. */
  readonly workers: number;
  readonly commit: string | null;
  readonly titleOf: (trial: Trial) => string;
  readonly openRunner: () => TrialRunner;
  readonly report: Pick<SweepReport, 'started' | 'round' | 'ended' | 'failed'>;
  /** Ends everything at once; what has not ended is not there. */
  readonly signal: AbortSignal;
  readonly secondsOf: ReadonlyMap<string, number>;
}

export interface Failure {
  readonly trial: Trial;
  readonly message: string;
}

/** A trial that takes longer than this goes on from what it has worked out when it is run again. */
const longSeconds = 120;
/** A process that dies may have been ended by the system for want of memory, which is not the trial's fault. */
const attempts = 2;

/** Trials that have ended are in their place, whole; those that have not are not. */
export const isEnded = (out: string, { id }: Pick<Trial, 'id'>): boolean =>
  existsSync(join(trialFolder(out, id), 'summary.json'));

/** Each trial once: two combinations may come to the same plan. */
export function distinct(trials: readonly Trial[]): Trial[] {
  return [...new Map(trials.map((trial) => [trial.id, trial])).values()];
}

/** One seed of every combination before the next: of a sweep that is stopped there is something of everything. */
export function inTurn(trials: readonly Trial[], seeds: readonly string[]): Trial[] {
  return seeds.flatMap((seed) => trials.filter((trial) => trial.seed === seed));
}

/** Runs trials side by side until all have ended, or the signal ends them. Returns those that failed. */
export async function carryOutTrials(trials: readonly Trial[], carrying: CarryingOut): Promise<Failure[]> {
  const { jobs, openRunner, signal, out } = carrying;
  const waiting = [...trials];
  const failures: Failure[] = [];
  const running = join(out, '.running');
  // Of processes that were killed.
  rmSync(running, { recursive: true, force: true });
  mkdirSync(running, { recursive: true });
  const slot = async (): Promise<void> => {
    const runner = openRunner();
    const end = () => {
      runner.end();
    };
    signal.addEventListener('abort', end);
    try {
      for (let trial = waiting.shift(); trial !== undefined && !signal.aborted; trial = waiting.shift()) {
        const failure = await carryOutOne(trial, runner, carrying);
        if (failure !== undefined) failures.push({ trial, message: failure });
      }
    } finally {
      signal.removeEventListener('abort', end);
      runner.end();
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, trials.length) }, slot));
  rmSync(running, { recursive: true, force: true });
  // Nothing is left that could go on from what was worked out.
  if (!signal.aborted && failures.length === 0) rmSync(join(out, '.work'), { recursive: true, force: true });
  return failures;
}

async function carryOutOne(
  trial: Trial,
  runner: TrialRunner,
  carrying: CarryingOut,
): Promise<string | undefined> {
  const { out, workers, commit, titleOf, report, signal, secondsOf } = carrying;
  const name = trialName(trial.id);
  const cache = join(out, '.work', name);
  const told = {
    started: (worker?: string) => {
      report.started(trial, worker);
    },
    round: (round: number, accuracy: number | null) => {
      report.round(trial, round, accuracy);
    },
    lost: (why: string) => {
      report.failed(trial, why, true);
    },
  };
  const isLong = (secondsOf.get(trial.id) ?? 0) > longSeconds || existsSync(cache);
  for (let attempt = 1; ; attempt++) {
    const place = join(out, '.running', `${name}-${process.pid}-${attempt}`);
    rmSync(place, { recursive: true, force: true });
    const { plan, folder } = trial.loaded;
    const of = { title: titleOf(trial), plan, files: folder, policy: null };
    const task = { ...of, place, cache: isLong ? cache : null, workers, commit };
    const outcome = await untilAborted(runner.run(task, told), signal);
    if (outcome === undefined) return undefined;
    if (outcome.kind === 'ended') {
      moveIntoPlace(place, trialFolder(out, trial.id));
      rmSync(cache, { recursive: true, force: true });
      report.ended(trial, outcome.seconds, outcome.accuracy);
      return undefined;
    }
    const isAgain = outcome.code === 'DIED' && attempt < attempts;
    report.failed(trial, outcome.message, isAgain);
    if (!isAgain) return outcome.message;
  }
}

/** Undefined where the signal came first. */
export function untilAborted(outcome: Promise<Outcome>, signal: AbortSignal): Promise<Outcome | undefined> {
  return new Promise((resolve) => {
    const stop = () => {
      resolve(undefined);
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    void outcome.then((value) => {
      signal.removeEventListener('abort', stop);
      resolve(value);
    });
  });
}

/** In one step. What stands there without a summary was never a trial that had ended. */
function moveIntoPlace(from: string, to: string): void {
  mkdirSync(join(to, '..'), { recursive: true });
  rmSync(to, { recursive: true, force: true });
  renameSync(from, to);
}
