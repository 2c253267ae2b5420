import { type DatasetSource, loadDataset, type Shard, wholeShard } from '#libs/data';
import { placed, type RunPlan } from '#libs/experiment';
import type { Parameters } from '#libs/learning';
import { generator } from '#libs/random';
import { layGround, learnerOf, type Workplace } from '#libs/simulation';

export interface Place {
  readonly role: 'trainer' | 'validator';
  readonly position: number;
}

export interface NodeGround {
  readonly workplace: Workplace;
  /** Version 0 of the model: everybody makes it from the run's seed. */
  readonly initial: Parameters;
  readonly close: () => Promise<void>;
}

export interface NodeGroundOptions {
  /** What the plan's paths are relative to. */
  readonly folder: string;
  /** Data of this node alone; absent: its part of the plan's. */
  readonly ownData?: DatasetSource;
  /** Threads that train and score. */
  readonly workers: number;
}

/** What one node of a run works with: a model, and its own part of the data or data of its own. */
export async function groundOfNode(
  plan: RunPlan,
  place: Place,
  options: NodeGroundOptions,
): Promise<NodeGround> {
  const { folder, ownData, workers } = options;
  const { source, model } = placed(plan, folder);
  const located = { ...plan, model, data: { ...plan.data, source } };
  if (ownData !== undefined) return groundOf(located, await ownShard(ownData), workers);
  const { learner, initial, shards, holdOuts, random } = await layGround(located, { workers });
  const shard = (place.role === 'trainer' ? shards : holdOuts)[place.position]!;
  return { workplace: { learner, shard, random }, initial, close: () => learner.close() };
}

async function groundOf(plan: RunPlan, shard: Shard, workers: number): Promise<NodeGround> {
  const learner = await learnerOf(plan, shard.dataset, { workers });
  const random = generator(plan.seed);
  const initial = await learner.initialise(random.split('model').path);
  return { workplace: { learner, shard, random }, initial, close: () => learner.close() };
}

const ownShard = async (source: DatasetSource): Promise<Shard> =>
  wholeShard((await loadDataset(source)).train);
