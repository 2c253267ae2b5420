import { policyOf, type RunPlan } from '#libs/experiment';
import { openJsonRpcChain } from '#libs/evm';
import { generator } from '#libs/random';
import { type Actor, castOf, deploy, keyOf } from '#libs/simulation';
import type { Signer } from '#libs/wire';
import type { Network } from './network-folder.ts';
import type { LocalChain } from './servers/chain.ts';

/** How often the chain is asked for news that it has not told by itself. */
export const pollMs = 1_000;

/** Everybody in a network on this machine. Their keys follow from the seed, as in a simulation, and are worth as much. */
export interface LocalCast {
  readonly actors: readonly Actor[];
  readonly sponsor: Signer;
  readonly scheduler: Signer;
}

export function localCast(plan: RunPlan): LocalCast {
  const random = generator(plan.seed);
  return {
    actors: castOf(plan, random),
    sponsor: keyOf(random, 'sponsor'),
    scheduler: keyOf(random, 'scheduler'),
  };
}

/** Deploys the contracts, and the run, funded and joined by the whole cast. */
export async function runOnChain(
  plan: RunPlan,
  folder: string,
  { url, headsUrl, fund }: LocalChain,
  { actors, sponsor, scheduler }: LocalCast,
): Promise<NonNullable<Network['run']>> {
  const chain = await openJsonRpcChain({ url, headsUrl, pollMs });
  try {
    await fund([sponsor, scheduler, ...actors.map(({ signer }) => signer)].map(({ address }) => address));
    const { ledger, run } = await deploy(plan, chain, await policyOf(plan, folder), sponsor, actors);
    return { ledger: ledger.addresses.ledger, number: Number(run) };
  } finally {
    await chain.close();
  }
}
