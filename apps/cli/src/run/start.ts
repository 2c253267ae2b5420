import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkPlan, loadRunFile, refuseProblems, remarkLine } from '#libs/experiment';
import { Fault } from '#libs/fault';
import type { RunObserver } from '#libs/simulation';
import type { Engine, EngineOptions } from './engine.ts';
import type { RunOutcome, RunReport } from './report.ts';
import { resumeCommand, runToResume, type ToRun } from './resuming.ts';

export interface RunFileOptions {
  /** `path=value`, over what the file says. */
  readonly set?: readonly string[];
  readonly seed?: string;
  readonly out?: string;
  /** Folder of this run, stopped before its end. */
  readonly resume?: string;
  readonly workers?: number;
  readonly keepUpdates?: boolean;
}

export interface Starting {
  readonly report: RunReport;
  readonly signal: AbortSignal;
  readonly engine: Engine;
  /** Told when there is something that could be ended cleanly. */
  readonly onStart: () => void;
  readonly beforeEndingNow: EngineOptions['beforeEndingNow'];
}

export interface Ran {
  readonly outcome: RunOutcome;
  readonly afterwards: () => Promise<void>;
}

/** Reads what is to be run, has it carried out, and says what came of it. */
export async function runFile(
  file: string | undefined,
  options: RunFileOptions,
  starting: Starting,
): Promise<Ran> {
  const { report, signal, engine, beforeEndingNow } = starting;
  const { resume, workers } = options;
  const { plan, folder } = await toRun(file, options, report);
  const place = resume ?? options.out;
  const carried = await engine(plan, {
    observer: observerOf(starting),
    signal,
    folder,
    isResumed: resume !== undefined,
    beforeEndingNow,
    ...(place === undefined ? {} : { out: place }),
    ...(workers === undefined ? {} : { workers }),
    say: (what) => {
      report.preparing(what);
    },
    warn: (notices) => {
      report.warn(notices);
    },
  });
  const { result, path, afterwards = () => Promise.resolve() } = carried;
  const resumed = carried.resume ?? resumeCommand(path, file, plan);
  return {
    outcome: { plan, result, written: writtenIn(path), resume: result.end === 'stopped' ? resumed : null },
    afterwards,
  };
}

async function toRun(file: string | undefined, options: RunFileOptions, report: RunReport): Promise<ToRun> {
  if (options.resume !== undefined) {
    refuseChanges(options);
    return runToResume(options.resume, file);
  }
  if (file === undefined)
    throw new Fault('OPTION_INVALID', 'There is nothing to run: neither a run file nor --resume is given.', {
      hint: 'experiments/ has run files, such as experiments/quickstart.yaml.',
    });
  const loaded = await loadRunFile(file, overridesOf(options));
  report.preparing(`checking ${file}`);
  const check = await checkPlan(loaded.plan, loaded.folder);
  report.warn([...loaded.warnings, ...check.warnings.map((warning) => remarkLine(loaded, warning))]);
  refuseProblems(loaded, check);
  return loaded;
}

/** A run goes on as what it was, where it was. */
function refuseChanges({ set, seed, out, keepUpdates }: RunFileOptions): void {
  const given = Object.entries({ '--set': set, '--seed': seed, '--out': out, '--keep-updates': keepUpdates });
  const changes = given.filter(([, value]) => value !== undefined).map(([name]) => name);
  if (changes.length === 0) return;
  throw new Fault('OPTION_INVALID', `${changes.join(', ')} with --resume: a run goes on as it was.`, {
    facts: { options: changes },
    hint: `Leave ${changes.join(', ')} away, or start another run.`,
  });
}

function observerOf({ report, onStart }: Starting): RunObserver {
  return {
    started: (run) => {
      onStart();
      report.started?.(run);
    },
    events: (events, run) => report.events?.(events, run),
    round: (record, run) => report.round?.(record, run),
  };
}

/** Options that stand for something in the file are said as overrides, so that mistakes in them are found there. */
function overridesOf({ set = [], seed, keepUpdates }: RunFileOptions): string[] {
  return [
    ...set,
    ...(seed === undefined ? [] : [`seed=${JSON.stringify(seed)}`]),
    ...(keepUpdates === true ? ['keep.updates=true'] : []),
  ];
}

/** The folder, and the files in it that people open. */
function writtenIn(path: string): string[] {
  const files = ['summary.json', 'rounds.csv'].map((name) => join(path, name));
  return [path, ...files].filter((place) => existsSync(place));
}
