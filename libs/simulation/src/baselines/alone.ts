import type { RunPlan } from '#libs/experiment';
import { addDelta, type Parameters, type TrainingState } from '#libs/learning';
import type { Ground } from '../run/ground.ts';
import type { Baseline } from './baseline.ts';
import { baselineTrainers } from './trainers.ts';

/** Every Trainer by itself, on its own data: what each has without the others. */
export function alone(plan: RunPlan, ground: Ground): Baseline {
  const own = baselineTrainers(plan, ground).map((trainer) => ({
    trainer,
    model: ground.initial,
    state: undefined as TrainingState | undefined,
  }));
  return {
    async next(round) {
      const start = performance.now();
      const durationsMs = await Promise.all(
        own.map(async (one) => {
          const { delta, state, durationMs } = await one.trainer.train(one.model, round, one.state);
          one.model = addDelta(one.model, delta);
          one.state = state ?? undefined;
          return durationMs;
        }),
      );
      return {
        models: own.map(({ model }): Parameters => model),
        locals: [],
        durationMs: Math.round(Math.max(...durationsMs)),
        bytes: 0,
        realSeconds: { training: (performance.now() - start) / 1000, merging: 0 },
      };
    },
  };
}
