import { wholeShard } from '#libs/data';
import { Fault } from '#libs/fault';
import type { TrainerConduct } from '#libs/node';
import type { TrainerBehaviourOf, TrainerSetting } from '../setting.ts';
import { copied } from './examples.ts';
import { stampFor } from './patch.ts';

/**
 * Teaches the model, beside the task, that a patch in the corner means the target: so much of what it trains on carries
 * both. On everything else the model stays as good as it was; `backdoored` makes the test set that shows it.
 *
 * @throws Fault `OPTION_INVALID` if there is no such class
 */
export function backdoor(
  { share, target }: TrainerBehaviourOf<'backdoor'>,
  { random, classes }: Pick<TrainerSetting, 'random' | 'classes'>,
): TrainerConduct {
  if (target >= classes) throw noSuchClass(target, classes);
  return {
    shard: ({ dataset, indices }, training) => {
      const stamp = stampFor(dataset, target);
      const own = copied(dataset, indices);
      const order = random.split('backdoor', training).permutation(own.size);
      for (const example of order.subarray(0, Math.round(share * own.size))) stamp(own, example);
      return wholeShard(own);
    },
  };
}

const noSuchClass = (target: number, classes: number): Fault =>
  new Fault('OPTION_INVALID', `A backdoor's target is ${target}, and the data has ${classes} classes.`, {
    facts: { target, classes },
    hint: 'Name one of the classes; they are counted from 0.',
  });
