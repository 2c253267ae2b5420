import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configurationDigest, planJson, type RunPlan } from '#libs/experiment';
import type { Ground } from '#libs/simulation';
import type { Manifest } from '#libs/wire';

/** What is written down of a run before it begins. */
export function manifestOf(
  plan: RunPlan,
  engine: Manifest['engine'],
  { learner }: Pick<Ground, 'learner'>,
  ledger: Manifest['ledger'],
): Manifest {
  return {
    format: 'flobc.run',
    version: 1,
    run: configurationDigest(plan),
    configuration: planJson(plan),
    seed: plan.seed,
    engine,
    ledger,
    learning: { backend: learner.backend, version: learner.version },
    software: { flobc: versionOfProduct(), node: process.version },
  };
}

/** The checkout or package that this runs from, from source or built. */
export function productFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && packageAt(file).name === 'flobc') return folder;
  }
}

const versionOfProduct = (): string => packageAt(join(productFolder(), 'package.json')).version!;

const packageAt = (file: string): { name?: string; version?: string } =>
  JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
