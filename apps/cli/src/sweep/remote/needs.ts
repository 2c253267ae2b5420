import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isAbsolute, join, normalize, relative, resolve } from 'node:path';
import type { Needs } from '#libs/bullmq';
import { type DatasetKind, isInstalled, loadDataset } from '#libs/data';
import { dataPaths, modelPath, placedSource, type RunPlan, type Trial } from '#libs/experiment';
import { Fault } from '#libs/fault';

/** What trials read that is not the product's: it does not travel, and has to be where they are run. */
export async function needsOf(trials: readonly Trial[]): Promise<Needs> {
  const datasets = new Set<string>();
  const files = new Map<string, `0x${string}`>();
  const seen = new Set<string>();
  for (const { loaded } of trials) {
    const { plan, folder } = loaded;
    const { source } = plan.data;
    const model = modelPath(plan);
    if (model !== undefined) files.set(model, plan.files[model]!);
    const paths = dataPaths(source);
    if (paths.length === 0) datasets.add(source.kind);
    const key = JSON.stringify([source, folder]);
    if (paths.length === 0 || seen.has(key)) continue;
    seen.add(key);
    const { files: read } = await loadDataset(placedSource(source, folder));
    for (const file of read) files.set(nameOf(file, paths, folder), await digestOf(file));
  }
  return { datasets: [...datasets], files: [...files].map(([path, digest]) => ({ path, digest })) };
}

/** As the plan has it: one of its paths, or below one. */
function nameOf(file: string, paths: readonly string[], folder: string): string {
  const path = paths.find((one) => isWithin(file, resolve(folder, one)))!;
  return join(path, relative(resolve(folder, path), file)).replaceAll('\\', '/');
}

function isWithin(file: string, folder: string): boolean {
  const way = relative(folder, file);
  return !way.startsWith('..') && !isAbsolute(way);
}

async function digestOf(file: string): Promise<`0x${string}`> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return `0x${hash.digest('hex')}`;
}

/** What of it is not there; null: it is all there. Nothing outside the folder is looked at. */
export async function missingOf({ datasets, files }: Needs, folder: string | null): Promise<string | null> {
  const unknown = datasets.find((name) => !isInstalled(name as DatasetKind));
  if (unknown !== undefined) return `the dataset ${unknown} is not installed there`;
  if (files.length > 0 && folder === null)
    return `it needs ${files[0]!.path}, and the worker was started without --files FOLDER`;
  for (const { path, digest } of files) {
    const file = resolve(folder!, path);
    if (!isWithin(file, resolve(folder!))) return `${path} is outside the folder given with --files`;
    if ((await stat(file).catch(() => undefined))?.isFile() !== true) return `${path} is not there`;
    if ((await digestOf(file)) !== digest) return `${path} has another content there`;
  }
  return null;
}

/** Whoever can write to Redis must not have other files read, or modules of models run. @throws Fault `PLAN_INVALID` */
export function refuseOtherFiles(plan: RunPlan, { files }: Needs): void {
  const known = files.map(({ path }) => normalize(path));
  const model = modelPath(plan);
  for (const path of [...dataPaths(plan.data.source), ...(model === undefined ? [] : [model])])
    if (!known.some((one) => isWithin(one, normalize(path))))
      throw new Fault('PLAN_INVALID', `The trial reads ${path}, of which its sweep has said nothing.`, {
        facts: { path },
        hint: 'Look who else writes to this Redis.',
      });
}
