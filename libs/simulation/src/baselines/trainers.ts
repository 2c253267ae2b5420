import type { Shard } from '#libs/data';
import type { RunPlan, TrainerBehaviour } from '#libs/experiment';
import { Fault } from '#libs/fault';
import type { HyperInput, Parameters, Trained, TrainingState } from '#libs/learning';
import { samplesOf, type TrainerConduct } from '#libs/node';
import type { ActorId } from '#libs/protocol';
import { trainerConduct } from '../hostile/index.ts';
import { costMs } from '../network/workshop.ts';
import { drawn, type Ground, hyperOf } from '../run/ground.ts';

/** What one Trainer of a baseline made of a model. */
export interface Local {
  readonly delta: Float32Array;
  readonly samples: number;
  /** Virtual time that it took. */
  readonly durationMs: number;
  readonly state: TrainingState | null;
}

/** A Trainer without a network: trains when it is told to. */
export interface BaselineTrainer {
  readonly position: number;
  train(base: Parameters, round: number, state?: TrainingState): Promise<Local>;
}

/** What needs a network to be done, or a protocol to be done against. */
const needsNetwork: ReadonlySet<TrainerBehaviour['kind']> = new Set<TrainerBehaviour['kind']>([
  'copycat',
  'crash',
  'badBytes',
  'withholdKey',
]);

/** The plan's Trainers, on the same data and with the same draws as under the protocol. */
export function baselineTrainers(plan: RunPlan, ground: Ground): BaselineTrainer[] {
  return plan.trainers.map(({ behaviour, speed }, position) => {
    const random = ground.random.split('trainer', position);
    const conduct = conductOf(behaviour, ground, position);
    return {
      position,
      async train(base, round, state) {
        const honest = drawn(ground.shards[position]!, plan.data.sharePerRound, random.split('share', round));
        const shard = conduct?.shard?.(honest, round) ?? honest;
        const hyper = hyperOf(plan, round);
        const context = { training: round, round, base, version: round };
        const instead = conduct?.instead?.(context) ?? null;
        const trained =
          instead === null
            ? await fit(ground, base, shard, hyper, random.split('training', round).path, state)
            : null;
        const delta = instead ?? difference(trained!.parameters.values, base.values);
        const samples = samplesOf(shard, hyper);
        const work = { kind: 'training', samples, parameters: delta.length } as const;
        return {
          delta: conduct?.delta?.(delta, context) ?? delta,
          samples,
          durationMs: costMs(work, speed) * (conduct?.slowness?.(context) ?? 1),
          state: trained?.state ?? null,
        };
      },
    };
  });
}

const fit = (
  { learner }: Ground,
  parameters: Parameters,
  shard: Shard,
  hyper: HyperInput,
  seed: string,
  state: TrainingState | undefined,
): Promise<Trained> =>
  learner.train({ parameters, shard, hyper, seed, ...(state === undefined ? {} : { state }) });

function conductOf(
  behaviour: TrainerBehaviour,
  { random, train }: Ground,
  position: number,
): TrainerConduct | undefined {
  if (needsNetwork.has(behaviour.kind)) {
    throw new Fault(
      'OPTION_INVALID',
      `trainer-${position} is a ${behaviour.kind}, which needs a network to be one.`,
      {
        facts: { position, behaviour: behaviour.kind },
        hint: 'Use "coordination: flobc", or a behaviour of data or updates, such as noise or labelFlip.',
      },
    );
  }
  return trainerConduct(behaviour, {
    me: nobody,
    random: random.split('trainer', position).split('behaviour'),
    classes: train.classes,
    opener: null,
    follower: { attach: alone, state: null as never, world: null as never },
  });
}

/** A behaviour that watches others has nobody to watch here. */
const alone = () => () => undefined;
const nobody: ActorId = `0x${'00'.repeat(20)}`;

export function difference(after: Float32Array, before: Float32Array): Float32Array {
  return after.map((value, i) => value - before[i]!);
}
