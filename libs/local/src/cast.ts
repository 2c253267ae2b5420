import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { RunPlan } from '#libs/experiment';
import { type Generator, generator } from '#libs/random';
import { type Actor, castOf, keyOf } from '#libs/simulation';
import type { Signer } from '#libs/wire';
import type { NetworkFolder } from './network-folder.ts';

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
