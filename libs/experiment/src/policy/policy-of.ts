import { placed } from '../plan/placed.ts';
import type { PolicyParameter, RunPlan } from '../run-plan.ts';
import { type CompiledPolicy, compilePolicy } from './compile.ts';

/** A policy of the product, by its name. */
export interface NamedPolicy {
  readonly name: string;
  readonly parameters: readonly PolicyParameter[];
}

/**
 * What a plan's policy is deployed from; a file of the user's is compiled, which takes seconds.
 *
 * @param folder What the plan's paths are relative to.
 */
export async function policyOf(plan: RunPlan, folder: string): Promise<NamedPolicy | CompiledPolicy> {
  const { policy } = plan;
  if (policy.kind === 'product') return { name: policy.name, parameters: policy.parameters };
  return compilePolicy(placed(plan, folder).policy!, policy.parameters);
}
