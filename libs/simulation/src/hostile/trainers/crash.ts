import type { TrainerConduct } from '#libs/node';
import type { TrainerBehaviourOf, TrainerSetting } from '../setting.ts';

/**
 * Means well and crashes at the beginning of a training now and then; when it is up again it does what is due then. The
 * round is in the draw as well, for the training is done again under its number.
 */
export function crash(
  { p, downMs }: TrainerBehaviourOf<'crash'>,
  { random }: Pick<TrainerSetting, 'random'>,
): TrainerConduct {
  return {
    downMs: ({ training, round }) => (random.split('crash', training, round).uniform() < p ? downMs : 0),
  };
}
