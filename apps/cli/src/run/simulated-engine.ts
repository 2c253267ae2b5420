import { join } from 'node:path';
import { located, nextRunFolder, openRunFolder, policyOf, type RunPlan } from '#libs/experiment';
import type { Carried, EngineOptions } from './engine.ts';
import { manifestOf } from './manifest.ts';

/**
 * Runs a plan in this process, in virtual time, and writes it down. What it needs is loaded here and not before: the
 * command's help does not wait for an EVM.
 */
export async function simulatedEngine(plan: RunPlan, options: EngineOptions): Promise<Carried> {
  const [{ layGround, runPlan, WorkCache }, { openInProcessChain }] = await Promise.all([
    import('#libs/simulation'),
    import('#libs/evm'),
  ]);
  const { observer, signal, folder, workers, say, warn, isResumed } = options;
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
        openRunFolder(path, manifestOf(plan, 'sim', ground, ledger), isResumed ? { resume: true } : {}),
      cache: new WorkCache(join(path, 'cache')),
      policy: await policyOf(plan, folder),
      observer,
      signal,
    });
    return { result, path };
  } finally {
    await ground.learner.close();
  }
}
