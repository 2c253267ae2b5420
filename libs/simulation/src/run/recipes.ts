import type { Shard } from '#libs/data';
import type { RunPlan } from '#libs/experiment';
import type { HyperInput, Learner } from '#libs/learning';
import { Recall, type TrainerOptions, type ValidatorOptions } from '#libs/node';
import type { Generator } from '#libs/random';
import { drawn, hyperOf } from './ground.ts';

/** What a node of a plan works with, wherever it runs. */
export interface Workplace {
  readonly learner: Learner;
  /** A Trainer's shard, or a Validator's hold-out. */
  readonly shard: Shard;
  /** Of the run; every draw of a node is split off by its role and position. */
  readonly random: Generator;
}

/**
 * How a Trainer trains: the same in a simulation and on a machine of its own.
 * @param who Its position in the plan, or what else its draws follow from.
 */
export function trainingOf(
  { data, learning }: RunPlan,
  who: number | string,
  { learner, shard, random }: Workplace,
): Pick<TrainerOptions, 'learner' | 'codec' | 'shardOf' | 'hyperOf' | 'seedOf'> {
  const own = random.split('trainer', who);
  return {
    learner,
    codec: learning.codec,
    shardOf: (training: number) => drawn(shard, data.sharePerRound, own.split('share', training)),
    hyperOf: (version: number): HyperInput => hyperOf({ learning }, version),
    seedOf: (training: number) => own.split('training', training).path,
  };
}

/** How a Validator scores and merges. */
export function votingOf(
  { learning }: RunPlan,
  { learner, shard }: Workplace,
): Pick<ValidatorOptions, 'learner' | 'holdOut' | 'aggregator' | 'scoring' | 'scoresBase'> {
  const { aggregator, scoring } = learning;
  return { learner, holdOut: shard, aggregator, scoring, scoresBase: scoring === 'accuracy' };
}

/** For what followers on one machine compute alike: the updates of a round, its merges and previews, twice. */
export function recallFor({ protocol, trainers }: RunPlan): Recall {
  const { sampleSize, maxLineup } = protocol;
  const updates = Math.min(sampleSize === 0 ? Infinity : sampleSize, maxLineup, trainers.length);
  return new Recall(2 * (updates + 16));
}
