import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { manifestFile, summaryFile } from '../folder/layout.ts';
import { invalidFolder } from '../folder/faults.ts';
import { readManifest } from '../folder/reader.ts';
import { readSweepResults, sweepFiles } from './sweep-folder.ts';
import type { SweepResults } from './sweep-results.ts';
import { readTrialFigures } from './trial-files.ts';

/**
 * The results in the folder of a sweep, or in that of a single run, which is a sweep of nothing with one seed.
 *
 * @throws Fault `RESULTS_INVALID`, `RUN_FOLDER_INVALID`
 */
export async function readResults(folder: string): Promise<SweepResults> {
  const isRun = existsSync(join(folder, manifestFile)) && !existsSync(join(folder, sweepFiles.record));
  return isRun ? readSingleRun(folder) : readSweepResults(folder);
}

async function readSingleRun(folder: string): Promise<SweepResults> {
  const { manifest, plan } = readManifest(folder);
  const figures = await readTrialFigures(folder);
  if (figures === undefined)
    throw invalidFolder(join(folder, summaryFile), undefined, 'is not there: the run has not ended');
  const { seed } = plan;
  return {
    folder,
    record: {
      format: 'flobc.sweep',
      version: 1,
      name: plan.name,
      question: null,
      reported: null,
      differs: null,
      file: folder,
      axes: [],
      baseline: {},
      seeds: [seed],
      cells: [{ labels: [], isBaseline: true }],
      trials: [{ id: manifest.run, cell: 0, seed }],
      expectations: [],
      sessions: [],
    },
    trials: [{ id: manifest.run, cell: 0, seed, folder, figures }],
  };
}
