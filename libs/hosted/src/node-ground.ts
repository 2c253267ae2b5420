import { located, type RunPlan } from '#libs/experiment';
import type { Parameters } from '#libs/learning';
import { layGround, type Workplace } from '#libs/simulation';

export interface Place {
  readonly role: 'trainer' | 'validator';
  readonly position: number;
}

export interface NodeGround {
  readonly workplace: Workplace;
  /** Version 0 of the model: everybody makes it from the run's seed. */
  readonly initial: Parameters;
}

/**
 * What one node of a run works with: a model, and its own part of the data.
 *
 * @param folder What the plan's paths are relative to.
 * @param workers Threads that train and score.
 */
export async function groundOfNode(
  plan: RunPlan,
  { role, position }: Place,
  folder: string,
  workers: number,
): Promise<NodeGround> {
  const ground = await layGround(located(plan, folder), { workers });
  const { learner, initial, shards, holdOuts, random } = ground;
  const shard = (role === 'trainer' ? shards : holdOuts)[position]!;
  return { workplace: { learner, shard, random }, initial };
}
