import type { RunPlan } from '#libs/experiment';
import { TrainerNode, ValidatorNode } from '#libs/node';
import type { ActorId } from '#libs/protocol';
import { trainerConduct, validatorConduct } from '../hostile/index.ts';
import { MemoryJournal } from '../network/memory-journal.ts';
import { type Actor, bytesFrom } from './cast.ts';
import { Device, type RealMs } from './devices.ts';
import { planOf } from './deployment.ts';
import type { Ground } from './ground.ts';
import { trainingOf, votingOf } from './recipes.ts';
import type { WorkCache } from './work-cache.ts';
import type { Site, World } from './world.ts';

/** How long Validators wait for a Scheduler before they keep the time themselves. */
const patienceMs = 5_000;

/** An actor with what is its own: its device, and the node that runs on it while it is up. */
export interface Player {
  readonly actor: Actor;
  readonly device: Device;
  start(): void;
  stop(): void;
}

/** Puts an actor on its site. What it writes down outlives its node; everything else goes with it. */
export function playerOf(
  actor: Actor,
  cast: readonly Actor[],
  plan: RunPlan,
  ground: Ground,
  world: World,
  real: RealMs,
  cache?: WorkCache,
): Player {
  const site = world.site(actor.site);
  const kept = cache === undefined ? undefined : { of: cache, name: actor.name };
  const device = new Device(world.time, planOf(plan, actor).speed, real, kept);
  const make = actor.role === 'trainer' ? trainerMaker : validatorMaker;
  const newNode = make({ actor, cast, plan, ground, world, site, device });
  let node = newNode();
  return {
    actor,
    device,
    start: () => {
      device.isDown = false;
      node.start();
    },
    stop: () => {
      device.isDown = true;
      node.stop();
      node = newNode();
    },
  };
}

interface Part {
  readonly actor: Actor;
  readonly cast: readonly Actor[];
  readonly plan: RunPlan;
  readonly ground: Ground;
  readonly world: World;
  readonly site: Site;
  readonly device: Device;
}

function trainerMaker(part: Part): () => TrainerNode {
  const { actor, plan, ground, world, site, device } = part;
  const random = ground.random.split('trainer', actor.position);
  const { behaviour } = plan.trainers[actor.position]!;
  const conduct = trainerConduct(behaviour, {
    me: actor.id,
    random: random.split('behaviour'),
    classes: ground.train.classes,
    opener: behaviour.kind === 'copycat' ? site.opener() : null,
    follower: site.follower,
  });
  const { learner } = ground;
  const workplace = { learner, shard: ground.shards[actor.position]!, random: ground.random };
  const options = {
    ...commonOptions(part, random),
    ...trainingOf(plan, actor.position, workplace),
    recall: world.recall,
    workshop: device,
    ...(conduct === undefined ? {} : { conduct }),
  };
  return () => new TrainerNode(options);
}

function validatorMaker(part: Part): () => ValidatorNode {
  const { actor, cast, plan, ground, world, site, device } = part;
  const random = ground.random.split('validator', actor.position);
  const conduct = validatorConduct(plan.validators[actor.position]!.behaviour, {
    me: actor.id,
    random: random.split('behaviour'),
    groupRandom: (group) => ground.random.split('group', group),
    follower: site.follower,
    trainers: trainersOf(cast),
  });
  const { learner } = ground;
  const workplace = { learner, shard: ground.holdOuts[actor.position]!, random: ground.random };
  const options = {
    ...commonOptions(part, random),
    ...votingOf(plan, workplace),
    opener: site.opener(),
    recall: world.recall,
    patienceMs,
    workshop: device,
    ...(conduct === undefined ? {} : { conduct }),
  };
  return () => new ValidatorNode(options);
}

function commonOptions({ actor, site, world }: Part, random: Ground['random']) {
  const { follower, models } = site;
  return {
    follower,
    models,
    signer: actor.signer,
    ledger: follower.world.ledger.as(actor.signer),
    journal: new MemoryJournal(world.time),
    entropy: (purpose: string, length: number) => bytesFrom(random.split('entropy', purpose), length),
  };
}

const trainersOf = (cast: readonly Actor[]): ActorId[] =>
  cast.filter(({ role }) => role === 'trainer').map(({ id }) => id);
