import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DatasetSource } from '#libs/data';
import { configurationDigest, planJson, type RunPlan } from '#libs/experiment';
import type { PolicySource } from '#libs/ports';
import type { Ground } from '#libs/simulation';
import type { Manifest } from '#libs/wire';
import type { Carried, EngineOptions } from './engine.ts';

/**
 * Runs a plan in this process, in virtual time, and writes it down. What it needs is loaded here and not before: the
 * command's help does not wait for an EVM.
 */
export async function simulatedEngine(plan: RunPlan, options: EngineOptions): Promise<Carried> {
  const [{ layGround, runPlan, WorkCache }, { openInProcessChain }, { nextRunFolder, openRunFolder }] =
    await Promise.all([import('#libs/simulation'), import('#libs/evm'), import('#libs/experiment')]);
  const { observer, signal, folder, workers, say, warn, isResumed } = options;
  const policy = await policyOf(plan, folder, say);
  const ground = await layGround(located(plan, folder), {
    say,
    ...(workers === undefined ? {} : { workers }),
  });
  try {
    if (ground.learner.notice !== undefined) warn([ground.learner.notice]);
    const path = options.out ?? nextRunFolder(plan);
    say('deploying the contracts');
    const result = await runPlan(plan, ground, {
      openChain: openInProcessChain,
      openFolder: (ledger) =>
        openRunFolder(path, manifestOf(plan, ground, ledger), isResumed ? { resume: true } : {}),
      cache: new WorkCache(join(path, 'cache')),
      policy,
      observer,
      signal,
    });
    return { result, path };
  } finally {
    await ground.learner.close();
  }
}

async function policyOf(
  { policy }: RunPlan,
  folder: string,
  say: (what: string) => void,
): Promise<PolicySource> {
  if (policy.kind === 'product') return { name: policy.name, parameters: policy.parameters };
  say(`compiling ${policy.path}`);
  const { compilePolicy } = await import('#libs/experiment');
  return compilePolicy(resolve(folder, policy.path), policy.parameters);
}

/** The plan with the paths of its data and model as this process opens them. Its digest is that of the plan as it is. */
function located(plan: RunPlan, folder: string): RunPlan {
  const isFile = Object.hasOwn(plan.files, plan.model);
  return {
    ...plan,
    model: isFile ? resolve(folder, plan.model) : plan.model,
    data: { ...plan.data, source: locatedSource(plan.data.source, folder) },
  };
}

function locatedSource(source: DatasetSource, folder: string): DatasetSource {
  const at = (path: string) => resolve(folder, path);
  switch (source.kind) {
    case 'csv': {
      const { path, testPath } = source;
      return { ...source, path: at(path), ...(testPath === undefined ? {} : { testPath: at(testPath) }) };
    }
    case 'npy': {
      const { features, labels, test } = source;
      const split = test && { features: at(test.features), labels: at(test.labels) };
      return { ...source, features: at(features), labels: at(labels), ...(split ? { test: split } : {}) };
    }
    case 'mnist':
    case 'fashion-mnist':
    case 'cifar-10':
    case 'cifar-100':
      return source.folder === undefined ? source : { ...source, folder: at(source.folder) };
  }
}

function manifestOf(plan: RunPlan, { learner }: Ground, ledger: Manifest['ledger']): Manifest {
  return {
    format: 'flobc.run',
    version: 1,
    run: configurationDigest(plan),
    configuration: planJson(plan),
    seed: plan.seed,
    engine: 'sim',
    ledger,
    learning: { backend: learner.backend, version: learner.version },
    software: { flobc: versionOfProduct(), node: process.version },
  };
}

/** That of the checkout or package that this runs from, from source or built. */
function versionOfProduct(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (!existsSync(file)) continue;
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
    if (name === 'flobc' && version !== undefined) return version;
  }
}
