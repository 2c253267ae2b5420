import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '#libs/fault';
import { isDigest } from '#libs/protocol';
import { replaceFile } from '../folder/replace-file.ts';
import { trialName } from '../sweep/sweep.ts';
import { csvText } from './csv.ts';
import { inOrder } from './catalogue.ts';
import { type SweepRecord, sweepRecord } from './sweep-record.ts';
import type { SweepResults, TrialResult } from './sweep-results.ts';
import { readTrialFigures, readTrialTimes } from './trial-files.ts';
import { summaryOf } from './summary.ts';

/** The files of a sweep's folder. */
export const sweepFiles = {
  record: 'sweep.json',
  text: 'sweep.yaml',
  summary: 'summary.json',
  table: 'summary.csv',
  times: 'times.csv',
  trials: 'trials',
} as const;

export const trialFolder = (folder: string, id: string): string => {
  if (!isDigest(id)) throw invalid(join(folder, sweepFiles.record), 'names a trial that is no digest');
  return join(folder, sweepFiles.trials, trialName(id));
};

/** @throws Fault `RESULTS_INVALID` where the folder is no sweep's */
export function readSweepRecord(folder: string): SweepRecord {
  const file = join(folder, sweepFiles.record);
  if (!existsSync(file)) throw invalid(file, 'is not there: this is no folder of a sweep');
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw invalid(file, 'is not JSON');
  }
  const parsed = sweepRecord.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(file, `cannot be read: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

const invalid = (file: string, problem: string): Fault =>
  new Fault('RESULTS_INVALID', `${file} ${problem}`, {
    facts: { file },
    hint: 'Give the folder that flobc sweep wrote; what was damaged or is of another version is made anew by running the sweep again.',
  });

/** @throws Fault `RESULTS_INVALID`, `RUN_FOLDER_INVALID` */
export async function readSweepResults(folder: string): Promise<SweepResults> {
  const record = readSweepRecord(folder);
  const trials: TrialResult[] = [];
  for (const { id, cell, seed } of record.trials) {
    const place = trialFolder(folder, id);
    const figures = await readTrialFigures(place);
    if (figures === undefined) continue;
    if (figures.run !== id) throw invalid(place, `is of the run ${figures.run}, and should be of ${id}`);
    const times = readTrialTimes(place);
    trials.push({ id, cell, seed, folder: place, figures, ...(times ? { times } : {}) });
  }
  return { folder, record, trials };
}

/** Makes the tables of a sweep anew, from the trials that have ended; the same trials give the same bytes. */
export function writeSweepTables(results: SweepResults): void {
  const { folder } = results;
  replaceFile(join(folder, sweepFiles.table), summaryCsv(results));
  replaceFile(join(folder, sweepFiles.summary), `${JSON.stringify(summaryOf(results), null, 2)}\n`);
  replaceFile(join(folder, sweepFiles.times), timesCsv(results));
}

/** A row a trial: its place in the matrix, and every figure that any trial has. */
export function summaryCsv({ record, trials }: SweepResults): string {
  const axes = new Set(record.axes.map(({ name }) => name));
  // An axis such as `validators` says by itself what the figure of that name would.
  const metrics = inOrder(trials.flatMap(({ figures }) => Object.keys(figures.metrics))).filter(
    (name) => !axes.has(name),
  );
  const head = ['trial', ...record.axes.map(({ name }) => name), 'seed', 'outcome', ...metrics];
  const rows = trials.map(({ id, cell, seed, figures }) => [
    ...[trialName(id as `0x${string}`), ...record.cells[cell]!.labels, seed, figures.outcome],
    ...metrics.map((name) => figures.metrics[name] ?? null),
  ]);
  return csvText(head, rows);
}

/** What depends on the machine. */
function timesCsv({ record, trials }: SweepResults): string {
  const head = [
    'trial',
    ...record.axes.map(({ name }) => name),
    'seed',
    'seconds',
    'workers',
    'memory_bytes',
    'started_at',
    'commit',
  ];
  const rows = trials.map(({ id, cell, seed, times }) => [
    ...[trialName(id as `0x${string}`), ...record.cells[cell]!.labels, seed],
    ...[times?.seconds ?? null, times?.workers ?? null, times?.memoryBytes ?? null],
    ...[times?.startedAt ?? null, times?.commit ?? null],
  ]);
  return csvText(head, rows);
}

/** The folder itself, and the one that its trials are moved to. */
export function makeSweepFolder(folder: string): void {
  mkdirSync(join(folder, sweepFiles.trials), { recursive: true });
}
