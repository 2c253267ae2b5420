import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { invalidFolder } from '../folder/faults.ts';
import { checkpointFile, growing, manifestFile, summaryFile } from '../folder/layout.ts';
import { readRunFolder } from '../folder/reader.ts';
import { csvText } from './csv.ts';
import { trialFigures, type TrialFigures } from './figures.ts';
import { measure } from './measure.ts';

export const figuresFile = 'figures.json';
export const actorsFile = 'actors.csv';
export const timesFile = 'times.json';

/** What a trial took on the machine that it ran on: apart from everything else, because it is never the same twice. */
const trialTimes = z.strictObject({
  /** From the loading of its data to the end. */
  seconds: z.number(),
  workers: z.int(),
  /** Highest resident memory of its process. */
  memoryBytes: z.number(),
  startedAt: z.string(),
  /** Of the product; null outside a checkout. */
  commit: z.string().nullable(),
});

export type TrialTimes = z.output<typeof trialTimes>;

/** Adds to a run folder what is taken from it: `figures.json` and `actors.csv`, and what it took in `times.json`. */
export async function writeTrialFiles(folder: string, times: TrialTimes): Promise<TrialFigures> {
  const figures = measure(await readRunFolder(folder));
  writeFileSync(join(folder, figuresFile), `${JSON.stringify(figures)}\n`);
  writeFileSync(join(folder, actorsFile), actorsCsv(figures));
  writeFileSync(join(folder, timesFile), `${JSON.stringify(times)}\n`);
  return figures;
}

/**
 * The figures of a run folder, measured where they are not there; undefined where there is no run that has ended.
 *
 * @throws Fault `RUN_FOLDER_INVALID` for a damaged one
 */
export async function readTrialFigures(folder: string): Promise<TrialFigures | undefined> {
  if (!existsSync(join(folder, summaryFile))) return undefined;
  const kept = parsed(join(folder, figuresFile), trialFigures);
  return kept ?? measure(await readRunFolder(folder));
}

const plainFiles: readonly string[] = [
  ...growing,
  ...[manifestFile, summaryFile, checkpointFile, figuresFile, actorsFile, timesFile],
];

/** Whether the folder of a trial may have a file of this name. */
export const isTrialFile = (name: string): boolean =>
  plainFiles.includes(name) || /^blobs\/[0-9a-f]{64}$/.test(name);

/**
 * That a folder which came from elsewhere is that of this trial, whole.
 *
 * @throws Fault `RUN_FOLDER_INVALID`
 */
export async function checkTrialFolder(folder: string, id: string): Promise<void> {
  const { manifest, summary } = await readRunFolder(folder);
  const figures = await readTrialFigures(folder);
  if (manifest.run !== id || figures?.run !== id)
    throw invalidFolder(folder, undefined, `is of the run ${manifest.run}, and should be of ${id}`);
  if (summary === undefined || readTrialTimes(folder) === undefined)
    throw invalidFolder(folder, undefined, 'is not that of a trial that has ended');
}

/** Undefined where it was not run as a trial. */
export const readTrialTimes = (folder: string): TrialTimes | undefined =>
  parsed(join(folder, timesFile), trialTimes);

/** Undefined where the file is not there, or is that of another version: then it is made anew. */
function parsed<T>(file: string, schema: z.ZodType<T>): T | undefined {
  if (!existsSync(file)) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw invalidFolder(file, undefined, 'cannot be read: it is not JSON');
  }
  return schema.safeParse(json).data;
}

/** A row an actor and round; tokens are added up since the start. */
function actorsCsv({ rounds, actors }: TrialFigures): string {
  const head = ['round', 'actor', 'role', 'behaviour', 'trust', 'reward', 'penalty', 'verdict', 'tally_bp'];
  const rows = rounds.flatMap(({ round }, i) =>
    actors.map(({ site, role, behaviour, trust, reward, penalty, verdict, tally }) => [
      ...[round, site, role, behaviour, trust[i] ?? null, reward[i]!, penalty[i]!],
      ...[verdict[i] ?? null, tally[i] ?? null],
    ]),
  );
  return csvText(head, rows);
}
