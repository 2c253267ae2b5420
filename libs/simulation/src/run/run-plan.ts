import type { RunPlan } from '#libs/experiment';
import { runBaseline } from '../baselines/run-baseline.ts';
import type { Ground } from './ground.ts';
import type { RunResult } from './observer.ts';
import { simulate, type SimulationOptions } from './simulate.ts';

/** Runs a plan, whoever coordinates it. */
export function runPlan(plan: RunPlan, ground: Ground, options: SimulationOptions): Promise<RunResult> {
  const { coordination } = plan;
  return coordination === 'flobc'
    ? simulate(plan, ground, options)
    : runBaseline({ ...plan, coordination }, ground, options);
}
