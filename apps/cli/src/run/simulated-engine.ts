import { join } from 'node:path';
import { compilePolicy, nextRunFolder, openRunFolder, placed, type RunPlan } from '#libs/experiment';
import type { PolicySource } from '#libs/ports';
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
  const { source, model, policy: policyFile } = placed(plan, folder);
  // What is read is where it is on this machine; the digest is of the plan as it is.
  const located = { ...plan, model, data: { ...plan.data, source } };
  const ground = await layGround(located, { say, ...(workers === undefined ? {} : { workers }) });
  try {
    if (ground.learner.notice !== undefined) warn([ground.learner.notice]);
    const path = options.out ?? nextRunFolder(plan);
    say('deploying the contracts');
    const result = await runPlan(plan, ground, {
      openChain: openInProcessChain,
      openFolder: (ledger) =>
        openRunFolder(path, manifestOf(plan, 'sim', ground, ledger), isResumed ? { resume: true } : {}),
      cache: new WorkCache(join(path, 'cache')),
      policy: await policyOf(plan, policyFile),
      observer,
      signal,
    });
    return { result, path };
  } finally {
    await ground.learner.close();
  }
}

async function policyOf({ policy }: RunPlan, file: string | undefined): Promise<PolicySource> {
  if (policy.kind === 'product') return { name: policy.name, parameters: policy.parameters };
  return compilePolicy(file!, policy.parameters);
}
