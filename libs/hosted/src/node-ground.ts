import type { DatasetSource } from '#libs/data';
import { located, type RunPlan } from '#libs/experiment';
import { Fault } from '#libs/fault';
import type { Parameters } from '#libs/learning';
import { layGround, layOwnGround, type Workplace } from '#libs/simulation';

export interface Place {
  readonly role: 'trainer' | 'validator';
  /** Among those of its role in the plan; null: it is none of them. */
  readonly position: number | null;
}

export interface NodeGround {
  readonly workplace: Workplace;
  /** Version 0 of the model: everybody makes it from the run's seed. */
  readonly initial: Parameters;
}

export interface GroundChoices {
  /** What the plan's paths are relative to. */
  readonly folder: string;
  /** Threads that train and score. */
  readonly workers: number;
  /** A dataset that the node brings, instead of its part of the run's. */
  readonly own: DatasetSource | null;
}

/** What one node of a run works with: a model, and its own data. @throws Fault for what is asked for and is not there */
export async function groundOfNode(
  plan: RunPlan,
  { role, position }: Place,
  { folder, workers, own }: GroundChoices,
): Promise<NodeGround> {
  const here = located(plan, folder);
  if (own !== null) {
    const { initial, ...workplace } = await layOwnGround(here, own, { workers });
    return { workplace, initial };
  }
  const { learner, initial, shards, holdOuts, random } = await layGround(here, { workers });
  const parts = role === 'trainer' ? shards : holdOuts;
  const shard = parts[position ?? parts.length];
  if (shard === undefined) throw noPart(role, position, parts.length);
  return { workplace: { learner, shard, random }, initial };
}

const noPart = (role: string, position: number | null, parts: number): Fault =>
  new Fault(
    'NODE_FILE_INVALID',
    `The run file has ${parts} ${role}s, and none at position ${position ?? '?'}.`,
    {
      facts: { role, position, parts },
      hint: `Positions count from 0: the last is ${parts - 1}. A node with data of its own needs none.`,
    },
  );
