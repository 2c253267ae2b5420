import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { policyOf, type RunPlan } from '#libs/experiment';
import { openJsonRpcChain } from '#libs/evm';
import { type Generator, generator } from '#libs/random';
import { type Actor, castOf, deploy, keyOf } from '#libs/simulation';
import type { Signer } from '#libs/wire';
import { gasNeeds } from './funding.ts';
import type { Network, NetworkFolder } from './network-folder.ts';
import type { LocalChain } from './servers/chain.ts';

/** How often the chain is asked for news that it has not told by itself. */
export const pollMs = 1_000;

/** Everybody in a network on this machine. */
export interface LocalCast {
  readonly actors: readonly Actor[];
  readonly sponsor: Signer;
  readonly scheduler: Signer;
  /** What their keys follow from. */
  readonly keys: Generator;
}

/**
 * On servers of its own a network has keys that follow from the run's seed, as in a simulation, and are worth as much. On those of
 * others they follow from a secret: they hold coins there, and two networks of one seed must not have the same accounts.
 */
export function localCast(plan: RunPlan, folder: NetworkFolder): LocalCast {
  const secret = secretIn(folder);
  const keys = generator(existsSync(secret) ? readFileSync(secret, 'utf8').trim() : plan.seed);
  return {
    actors: castOf(plan, keys),
    sponsor: keyOf(keys, 'sponsor'),
    scheduler: keyOf(keys, 'scheduler'),
    keys,
  };
}

/** Before anybody has used a key. */
export function makeOwnKeys(folder: NetworkFolder): void {
  const secret = secretIn(folder);
  if (existsSync(secret)) return;
  mkdirSync(folder.place('credentials'), { recursive: true, mode: 0o700 });
  writeFileSync(secret, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
}

const secretIn = (folder: NetworkFolder): string => folder.place('credentials', 'actors.key');

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
