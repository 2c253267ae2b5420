import type { RunPlan } from '#libs/experiment';
import type { Generator } from '#libs/random';
import { openSigner, type Signer } from '#libs/wire';
import type { CastMember } from './observer.ts';

/** An actor of a simulated run, with its key. */
export interface Actor extends CastMember {
  readonly signer: Signer;
}

/** The site that Trainers share unless the plan does something to their line: they all see the same. */
export const sharedSite = 'trainers';

/** Everybody in a plan. Keys come from the seed, so that addresses, draws and signatures are the same every time. */
export function castOf(plan: RunPlan, random: Generator): Actor[] {
  const special = new Set([
    ...plan.network.partitions.flatMap(({ sites }) => sites),
    ...plan.network.crashes.map(({ site }) => site),
  ]);
  const actorOf = (role: CastMember['role'], position: number, behaviour: string): Actor => {
    const name = `${role}-${position}`;
    const signer = keyOf(random, name);
    const site = role === 'validator' || special.has(name) ? name : sharedSite;
    return { id: signer.address, name, role, position, behaviour, site, signer };
  };
  return [
    ...plan.trainers.map(({ behaviour }, i) => actorOf('trainer', i, behaviour.kind)),
    ...plan.validators.map(({ behaviour }, i) => actorOf('validator', i, behaviour.kind)),
  ];
}

export function keyOf(random: Generator, name: string): Signer {
  return openSigner(privateKeyOf(random, name));
}

/** What the signer of that name is made from: known to whoever knows the seed, so worth nothing outside this machine. */
export const privateKeyOf = (random: Generator, name: string): Uint8Array =>
  bytesFrom(random.split('key', name), 32);

/** Bytes that look random and are not: a simulation's secrets are only secret within it. */
export function bytesFrom(random: Generator, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.integer(256));
}
