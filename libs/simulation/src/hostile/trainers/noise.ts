import type { TrainerConduct } from '#libs/node';
import type { TrainerBehaviourOf, TrainerSetting } from '../setting.ts';

/**
 * Adds Gaussian noise to its update, of the same standard deviation for every parameter: what FLoBC's Trainers of its
 * reward-penalty experiment do.
 */
export function noise(
  { std }: TrainerBehaviourOf<'noise'>,
  { random }: Pick<TrainerSetting, 'random'>,
): TrainerConduct {
  return {
    delta: (honest, { training }) => {
      const draws = random.split('noise', training);
      return honest.map((value) => value + std * draws.normal());
    },
  };
}
