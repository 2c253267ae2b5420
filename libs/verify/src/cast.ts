import type { RunPlan } from '#libs/experiment';
import type { ActorId } from '#libs/protocol';
import { generator } from '#libs/random';
import { type Actor, castOf, keyOf } from '#libs/simulation';
import type { Signer } from '#libs/wire';

/** Everybody who has a key in a simulated run. Keys follow from the seed, so whoever signs with others is somebody else. */
export interface Cast {
  readonly sponsor: Signer;
  readonly actors: readonly Actor[];
  /** A name for every address, the Scheduler's among them. */
  readonly names: ReadonlyMap<ActorId, string>;
}

export function castFromSeed(plan: RunPlan): Cast {
  const random = generator(plan.seed);
  const actors = castOf(plan, random);
  const sponsor = keyOf(random, 'sponsor');
  const names = new Map<ActorId, string>([
    [sponsor.address, 'the Sponsor'],
    [keyOf(random, 'scheduler').address, 'the Scheduler'],
    ...actors.map(({ id, name }) => [id, name] as const),
  ]);
  return { sponsor, actors, names };
}
