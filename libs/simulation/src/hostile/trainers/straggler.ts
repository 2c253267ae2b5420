import type { TrainerConduct } from '#libs/node';
import type { TrainerBehaviourOf, TrainerSetting } from '../setting.ts';

/**
 * Means well and is slow, now more, now less: a training takes 1 + X times as long, X exponential with the given mean
 * (shifted exponential, the usual model of stragglers: Lee et al. 2018).
 */
export function straggler(
  { mean }: TrainerBehaviourOf<'straggler'>,
  { random }: Pick<TrainerSetting, 'random'>,
): TrainerConduct {
  return {
    slowness: ({ training }) => 1 - mean * Math.log(1 - random.split('straggler', training).uniform()),
  };
}
