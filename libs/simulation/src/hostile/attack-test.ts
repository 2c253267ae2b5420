import { type Shard, wholeShard } from '#libs/data';
import type { RunPlan } from '#libs/experiment';
import { copied } from './trainers/examples.ts';
import { flipped } from './trainers/label-flip.ts';
import { backdoored } from './trainers/patch.ts';

/**
 * A test on which a model is good in so far as an attack of the plan has succeeded: patched examples that count as right where
 * the model takes them for the backdoor's target (those of the target left out), or examples with flipped labels. Of several
 * attacks, the first; null where nobody wants to teach the model anything.
 */
export function attackTest(
  { trainers }: Pick<RunPlan, 'trainers'>,
  { dataset, indices }: Shard,
): Shard | null {
  if (dataset.classes === 0) return null;
  for (const { behaviour } of trainers) {
    if (behaviour.kind === 'backdoor')
      return wholeShard(backdoored(copied(dataset, indices), behaviour.target));
    if (behaviour.kind === 'labelFlip') return { dataset: flipped(dataset), indices };
  }
  return null;
}
