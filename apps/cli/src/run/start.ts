import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkPlan, loadRunFile, refuseProblems, remarkLine } from '#libs/experiment';
import { Fault } from '#libs/fault';
import type { Engine } from './engine.ts';
import type { RunOutcome, RunReport } from './report.ts';

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
}

/** Reads a run file, has its plan carried out, and says what came of it. */
export async function runFile(
  file: string,
  options: RunFileOptions,
  starting: Starting,
): Promise<RunOutcome> {
  const { report, signal, engine, onStart } = starting;
  const { out, resume, workers } = options;
  if (out !== undefined && resume !== undefined)
    throw new Fault('OPTION_INVALID', '--out and --resume are both given, and a run goes on where it was.', {
      hint: 'Leave --out away.',
    });
  const loaded = await loadRunFile(file, overridesOf(options));
  const { plan, folder } = loaded;
  report.preparing(`checking ${file}`);
  const check = await checkPlan(plan, folder);
  report.warn([...loaded.warnings, ...check.warnings.map((warning) => remarkLine(loaded, warning))]);
  refuseProblems(loaded, check);
  const place = resume ?? out;
  const { result, path } = await engine(plan, {
    observer: {
      started: (run) => {
        onStart();
        report.started?.(run);
      },
      events: (events, run) => report.events?.(events, run),
      round: (record, run) => report.round?.(record, run),
    },
    signal,
    folder,
    isResumed: resume !== undefined,
    ...(place === undefined ? {} : { out: place }),
    ...(workers === undefined ? {} : { workers }),
    say: (what) => {
      report.preparing(what);
    },
    warn: (notices) => {
      report.warn(notices);
    },
  });
  return {
    plan,
    result,
    written: writtenIn(path),
    resume: result.end === 'stopped' ? resumeCommand(file, options, path) : null,
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

/** The same command once more, on the folder. */
function resumeCommand(file: string, options: RunFileOptions, path: string): string {
  const { set = [], seed, workers, keepUpdates } = options;
  const words = [
    ...['flobc', 'run', file],
    ...set.flatMap((override) => ['--set', override]),
    ...(seed === undefined ? [] : ['--seed', seed]),
    ...(workers === undefined ? [] : ['--workers', String(workers)]),
    ...(keepUpdates === true ? ['--keep-updates'] : []),
    ...['--resume', path],
  ];
  return words.map(quoted).join(' ');
}

const quoted = (word: string): string =>
  /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
