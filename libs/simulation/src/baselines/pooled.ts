import type { Shard } from '#libs/data';
import type { RunPlan } from '#libs/experiment';
import { samplesOf } from '#libs/node';
import type { TrainingState } from '#libs/learning';
import { costMs } from '../network/workshop.ts';
import { drawn, type Ground, hyperOf } from '../run/ground.ts';
import type { Baseline } from './baseline.ts';

/**
 * One model on everybody's data, which in a round sees as many examples as all Trainers together: what could be had if
 * data could be shared. The optimizer goes on from round to round.
 */
export function pooled(plan: RunPlan, ground: Ground): Baseline {
  const random = ground.random.split('pooled');
  let model = ground.initial;
  let state: TrainingState | undefined;
  return {
    async next(round) {
      const shards = ground.shards.map((shard, position) =>
        drawn(shard, plan.data.sharePerRound, ground.random.split('trainer', position).split('share', round)),
      );
      const shard = union(shards);
      const hyper = hyperOf(plan, round);
      // As many batches as the Trainers take one by one, where the plan limits them.
      const maxBatches =
        hyper.maxBatches === undefined ? {} : { maxBatches: hyper.maxBatches * shards.length };
      const recipe = { ...hyper, ...maxBatches };
      const start = performance.now();
      const trained = await ground.learner.train({
        parameters: model,
        shard,
        hyper: recipe,
        seed: random.split('training', round).path,
        ...(state === undefined ? {} : { state }),
      });
      model = trained.parameters;
      state = trained.state;
      const work = {
        kind: 'training',
        samples: samplesOf(shard, recipe),
        parameters: model.values.length,
      } as const;
      return {
        models: [model],
        locals: [],
        durationMs: costMs(work, 1),
        bytes: 0,
        realSeconds: { training: (performance.now() - start) / 1000, merging: 0 },
      };
    },
  };
}

/** All examples of all shards; of one that is in several, as many. */
function union(shards: readonly Shard[]): Shard {
  const length = shards.reduce((sum, { indices }) => sum + indices.length, 0);
  const indices = new Uint32Array(new SharedArrayBuffer(4 * length));
  let next = 0;
  for (const shard of shards) {
    indices.set(shard.indices, next);
    next += shard.indices.length;
  }
  return { dataset: shards[0]!.dataset, indices: indices.sort() };
}
