import { readFile } from 'node:fs/promises';
import type { RunSource } from '#libs/config';
import { loadRunFile, parsePlan, type RunPlan } from '#libs/experiment';

/** The plan of the run that a node takes part in. @throws Fault RUN_FILE_INVALID, PLAN_INVALID */
export async function planIn({ kind, path }: RunSource): Promise<RunPlan> {
  if (kind === 'file') return (await loadRunFile(path)).plan;
  return parsePlan(JSON.parse(await readFile(path, 'utf8')));
}
