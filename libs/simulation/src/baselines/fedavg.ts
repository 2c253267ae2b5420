import type { RunPlan } from '#libs/experiment';
import { addDelta, aggregatorOf, type Candidate, type Parameters } from '#libs/learning';
import type { Ground } from '../run/ground.ts';
import type { Baseline } from './baseline.ts';
import { baselineTrainers } from './trainers.ts';

/** Trust of everybody: where nobody votes, nobody is trusted more. */
const fullTrust = 1_000_000_000;

/**
 * One server averages (McMahan et al. 2017): every Trainer, or those drawn for the round, starts from its model, and the
 * plan's aggregator merges what they made of it.
 */
export function fedavg(plan: RunPlan, ground: Ground): Baseline {
  const trainers = baselineTrainers(plan, ground);
  const aggregator = aggregatorOf(plan.learning.aggregator);
  const modelBytes = 4 * ground.initial.values.length;
  const { latencyMs, bytesPerSecond } = plan.network;
  let model = ground.initial;
  return {
    async next(round) {
      const chosen = sample(plan, ground, round).map((position) => trainers[position]!);
      const start = performance.now();
      const base = model;
      const locals = await Promise.all(chosen.map((trainer) => trainer.train(base, round)));
      const trained = performance.now();
      const candidates = locals.map(({ delta, samples }, i): Candidate => {
        const actor = String(chosen[i]!.position).padStart(6, '0');
        return { actor, sequence: round, delta, samples, trust: fullTrust, staleness: 0 };
      });
      const merge = aggregator.merge(candidates);
      // Nothing that can be merged: the model stays.
      if (merge.kind === 'merged') model = addDelta(base, merge.delta);
      const travelMs = 2 * (latencyMs + (1000 * modelBytes) / bytesPerSecond);
      return {
        models: [model],
        locals: showsLocals(plan, round) ? locals.map(({ delta }): Parameters => addDelta(base, delta)) : [],
        durationMs: Math.round(Math.max(...locals.map(({ durationMs }) => durationMs)) + travelMs),
        bytes: 2 * modelBytes * chosen.length,
        realSeconds: { training: (trained - start) / 1000, merging: (performance.now() - trained) / 1000 },
      };
    },
  };
}

/** Where Trainers have different digits, it is telling every tenth round what each has learned alone. */
const showsLocals = ({ data, protocol }: RunPlan, round: number): boolean =>
  data.partition.kind === 'digitRanges' && (round % 10 === 0 || round === protocol.maxRounds - 1);

function sample({ trainers, protocol }: RunPlan, { random }: Ground, round: number): number[] {
  const all = trainers.map((_, position) => position);
  if (protocol.sampleSize === 0 || protocol.sampleSize >= all.length) return all;
  const order = random.split('sample', round).permutation(all.length);
  return [...order.subarray(0, protocol.sampleSize)].sort((a, b) => a - b);
}
