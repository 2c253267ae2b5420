import { randomBytes } from 'node:crypto';
import type { RunPlan } from '#libs/experiment';
import type { Parameters } from '#libs/learning';
import {
  Follower,
  Models,
  type Run,
  type Surroundings,
  TrainerNode,
  UpdateOpener,
  ValidatorNode,
} from '#libs/node';
import type { Journal, Workshop } from '#libs/ports';
import type { ActorId } from '#libs/protocol';
import {
  recallFor,
  trainerConduct,
  trainingOf,
  validatorConduct,
  votingOf,
  type Workplace,
} from '#libs/simulation';
import type { Kind, Signer } from '#libs/wire';

/** How long Validators wait for a Scheduler before they keep the time themselves. */
const patienceMs = 5_000;

const honest = { behaviour: { kind: 'honest' } } as const;

/** Everything that a node of a run stands on. */
export interface Standing {
  readonly plan: RunPlan;
  readonly run: Run;
  readonly world: Surroundings;
  readonly signer: Signer;
  /** Its place in the plan: its behaviour and what it draws follow from it. null: it is none of the plan's, and honest. */
  readonly position: number | null;
  readonly workplace: Workplace;
  /** Version 0 of the model. */
  readonly initial: Parameters;
  readonly journal: Journal;
  readonly device: Workshop;
}

/**
 * The one kind of message that a node has to hear; null: all of them. A Trainer reads on the ledger what happens, and in the
 * objects what is in a lineup: only with whose signatures a model is released does it have to be told.
 */
export function heardBy(
  plan: RunPlan,
  role: 'trainer' | 'validator' | 'scheduler',
  position: number | null,
): Kind | null {
  if (role !== 'trainer') return null;
  const { behaviour } = plan.trainers[position ?? -1] ?? honest;
  return behaviour.kind === 'copycat' ? null : 'release';
}

/** A node with what follows the run for it. */
export interface Seated {
  readonly follower: Follower;
  readonly node: { start(): void; stop(): void };
}

export function seatTrainer(standing: Standing): Seated {
  const { plan, position, workplace } = standing;
  const parts = partsOf(standing);
  const { follower, common, opener } = parts;
  const who = position ?? common.signer.address;
  const { behaviour } = plan.trainers[position ?? -1] ?? honest;
  const conduct = trainerConduct(behaviour, {
    me: common.signer.address,
    random: workplace.random.split('trainer', who).split('behaviour'),
    classes: workplace.shard.dataset.classes,
    opener: behaviour.kind === 'copycat' ? opener() : null,
    follower,
  });
  const training = trainingOf(plan, who, workplace);
  return { follower, node: new TrainerNode({ ...common, ...training, ...(conduct && { conduct }) }) };
}

/** @param trainers Addresses by position, for those who are hostile to some of them. */
export function seatValidator(standing: Standing, trainers: readonly ActorId[]): Seated {
  const { plan, position, workplace } = standing;
  const { follower, common, opener, recall } = partsOf(standing);
  const who = position ?? common.signer.address;
  const { behaviour } = plan.validators[position ?? -1] ?? honest;
  const conduct = validatorConduct(behaviour, {
    me: common.signer.address,
    random: workplace.random.split('validator', who).split('behaviour'),
    groupRandom: (group) => workplace.random.split('group', group),
    follower,
    trainers,
  });
  const voting = votingOf(plan, workplace);
  const options = { ...common, ...voting, opener: opener(), recall, patienceMs, ...(conduct && { conduct }) };
  return { follower, node: new ValidatorNode(options) };
}

function partsOf({ plan, run, world, signer, initial, journal, device }: Standing) {
  const recall = recallFor(plan);
  const follower = new Follower(run, world);
  const common = {
    follower,
    models: new Models(initial, world.blobs, recall),
    signer,
    ledger: world.ledger.as(signer),
    workshop: device,
    journal,
    // A secret of a real network comes from nothing that anybody else could know.
    entropy: (_purpose: string, length: number) => new Uint8Array(randomBytes(length)),
  };
  const opener = (): UpdateOpener => {
    const opens = new UpdateOpener(follower, plan.learning.codec, initial, recall);
    follower.attach(opens);
    return opens;
  };
  return { follower, common, opener, recall };
}
