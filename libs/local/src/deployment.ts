import { openJsonRpcChain } from '#libs/evm';
import { policyOf, type RunPlan } from '#libs/experiment';
import { deploy } from '#libs/simulation';
import type { LocalCast } from './cast.ts';
import { gasNeeds } from './funding.ts';
import type { Network } from './network-folder.ts';
import type { LocalChain } from './servers/chain.ts';

/** How often the chain is asked for news that it has not told by itself. */
export const pollMs = 1_000;

/** Deploys the contracts, and the run, funded and joined by the whole cast. */
export async function runOnChain(
  plan: RunPlan,
  folder: string,
  { place, fund }: LocalChain,
  cast: LocalCast,
): Promise<NonNullable<Network['run']>> {
  const { actors, sponsor } = cast;
  const chain = await openJsonRpcChain({ ...place, pollMs });
  try {
    await fund(gasNeeds(plan, cast));
    const { ledger, run } = await deploy(plan, chain, await policyOf(plan, folder), sponsor, actors);
    return { ledger: ledger.addresses.ledger, number: Number(run) };
  } finally {
    await chain.close();
  }
}
