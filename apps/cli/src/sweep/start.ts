import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  checkPlan,
  isAbout,
  type KnownGood,
  loadSweepFile,
  makeSweepFolder,
  judgementsOf,
  readSweepRecord,
  readSweepResults,
  recordOf,
  refuseProblems,
  remarkLine,
  replaceFile,
  type Session,
  cellTitle,
  type Sweep,
  sweepFiles,
  type Trial,
  trialTitle,
  writeSweepTables,
} from '#libs/experiment';
import { Fault } from '#libs/fault';
import { carryOutTrials, distinct, type Failure, inTurn, isEnded } from './carry-out.ts';
import { type Crew, localCrew } from './crew.ts';
import { lockFolder } from './folder-lock.ts';
import type { SweepReport } from './report.ts';
import type { TrialRunner } from './trial-processes.ts';

export interface SweepOptions {
  readonly out?: string;
  readonly jobs?: number;
  readonly dryRun?: boolean;
  /** The Redis through which workers take the trials. */
  readonly workers?: string;
  readonly passwordFile?: string;
}

export interface SweepSurroundings {
  readonly report: SweepReport;
  readonly signal: AbortSignal;
  readonly openRunner: () => TrialRunner;
  readonly estimate: (sweep: Sweep, say: (what: string) => void) => Promise<ReadonlyMap<string, number>>;
  readonly commit: string | null;
  /** What was typed, for the record. */
  readonly command: string;
  readonly now: () => Date;
}

/**
 * Reads a sweep file, carries out what of it has not been carried out yet, and writes down what came of it.
 *
 * @param load Where the sweep comes from, if not from the file.
 */
export async function runSweep(
  file: string,
  options: SweepOptions,
  surroundings: SweepSurroundings,
  load: (file: string) => Promise<Sweep> = loadSweepFile,
): Promise<{ readonly isAsExpected: boolean; readonly isStopped: boolean }> {
  const { report, signal, estimate, now } = surroundings;
  const crew = await crewOf(options, surroundings);
  report.preparing(`reading ${file}`);
  const sweep = await load(file);
  await checkTrials(sweep, report);
  const out = options.out ?? join('runs', 'sweeps', sweep.name);
  refuseAnother(out, sweep);
  const left = inTurn(distinct(sweep.trials), sweep.seeds).filter((trial) => !isEnded(out, trial));
  const secondsOf = await estimate({ ...sweep, trials: left }, (what) => {
    report.preparing(what);
  });
  const { jobs, redis } = crew;
  const work = left.reduce((sum, { id }) => sum + (secondsOf.get(id) ?? 0), 0);
  const atATime = redis === null ? Math.min(availableParallelism(), jobs) : jobs;
  report.planned({ sweep, out, left, jobs, redis, seconds: work / atATime, secondsOf });
  if (options.dryRun === true) return { isAsExpected: true, isStopped: false };
  const unlock = lockFolder(out);
  try {
    makeSweepFolder(out);
    writeRecord(out, sweep, left.length > 0, surroundings);
    const begun = now();
    const titled = (trial: Trial) => trialTitle(sweep, trial);
    const carrying = { out, secondsOf, titleOf: titled, ...surroundings };
    const failures = await crew.during({ out, sweep, left }, (working) =>
      carryOutTrials(left, { ...carrying, ...working }),
    );
    const results = await readSweepResults(out);
    writeSweepTables(results);
    const judgements = judgementsOf(results);
    const written = [sweepFiles.table, sweepFiles.summary].map((name) => join(out, name));
    const titleOf = (cell: number) => cellTitle(sweep, sweep.cells[cell]!);
    const seconds = (now().getTime() - begun.getTime()) / 1000;
    report.end({ out, written, judgements, titleOf, isStopped: signal.aborted, seconds });
    refuseFailures(sweep, failures, out);
    return { isAsExpected: judgements.every(({ holds }) => holds), isStopped: signal.aborted };
  } finally {
    unlock();
  }
}

/** Loaded when it is needed: most sweeps have no workers. */
async function crewOf(
  { workers, passwordFile, jobs, dryRun }: SweepOptions,
  { openRunner, report, signal }: SweepSurroundings,
): Promise<Crew> {
  if (workers === undefined) return localCrew(openRunner, jobs);
  if (jobs !== undefined)
    throw new Fault(
      'OPTION_INVALID',
      'With --workers it is for each worker to say how many trials it runs.',
      {
        hint: 'Leave --jobs out, and start workers with --parallel.',
      },
    );
  const { remoteCrew } = await import('./remote/remote-crew.ts');
  const { redisAddress } = await import('./remote/address.ts');
  return remoteCrew(redisAddress(workers, passwordFile), { report, signal, isDry: dryRun === true });
}

/** What would stop a trial is found before the first one starts. One seed of each combination stands for all. */
async function checkTrials({ trials }: Sweep, report: SweepReport): Promise<void> {
  const known: KnownGood = new Map();
  const cells = new Map(trials.map((trial) => [trial.cell.index, trial]));
  const warnings = new Set<string>();
  report.preparing(`checking ${cells.size} combinations`);
  for (const { loaded } of cells.values()) {
    const check = await checkPlan(loaded.plan, loaded.folder, known);
    for (const text of [...loaded.warnings, ...check.warnings.map((remark) => remarkLine(loaded, remark))])
      warnings.add(text);
    refuseProblems(loaded, check);
  }
  report.warn([...warnings]);
}

/** A folder belongs to one sweep by its name; its file may change, and what still holds is not run again. */
function refuseAnother(out: string, { name }: Sweep): void {
  if (!existsSync(join(out, sweepFiles.record))) return;
  const { name: there } = readSweepRecord(out);
  if (there === name) return;
  throw new Fault('SWEEP_FOLDER_TAKEN', `${out} holds the sweep ${there}, not ${name}.`, {
    facts: { out, there, name },
    hint: 'Give another folder with --out.',
  });
}

/** Where nothing is left to be run, this is no sitting. */
function writeRecord(
  out: string,
  sweep: Sweep,
  isSitting: boolean,
  { command, commit, now }: SweepSurroundings,
): void {
  const file = join(out, sweepFiles.record);
  const before: readonly Session[] = existsSync(file) ? readSweepRecord(out).sessions : [];
  const session = { command, commit, startedAt: now().toISOString() };
  const sessions = isSitting || before.length === 0 ? [...before, session] : before;
  const aboutOf = (expectation: Sweep['expectations'][number]) =>
    sweep.cells
      .filter(({ combination }) => isAbout(expectation, sweep.axes, combination))
      .map(({ index }) => index);
  replaceFile(file, `${JSON.stringify(recordOf(sweep, aboutOf, sessions), null, 1)}\n`);
  replaceFile(join(out, sweepFiles.text), sweep.text);
}

function refuseFailures(sweep: Sweep, failures: readonly Failure[], out: string): void {
  if (failures.length === 0) return;
  const titled = (trial: Trial) => trialTitle(sweep, trial);
  const lines = failures.map(({ trial, message }) => `  ${titled(trial)}: ${message.split('\n')[0]!}`);
  const count = failures.length === 1 ? 'One trial has' : `${failures.length} trials have`;
  throw new Fault('TRIAL_FAILED', `${count} failed:\n${lines.join('\n')}`, {
    facts: {
      out,
      trials: failures.map(({ trial, message }) => ({ id: trial.id, seed: trial.seed, message })),
    },
    hint: 'The same command runs them once more, and nothing else.',
  });
}
