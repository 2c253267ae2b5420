import type { TrainerConduct } from '#libs/node';
import type { TrainerBehaviourOf, TrainerSetting } from '../setting.ts';

/**
 * Keeps the key of some of its updates to itself: a place in the lineup, and nothing in it. One draw for each update, so
 * that one that is kept is kept however often its key is asked for.
 */
export function withholdKey(
  { p }: TrainerBehaviourOf<'withholdKey'>,
  { random }: Pick<TrainerSetting, 'random'>,
): TrainerConduct {
  return { publishesKey: ({ training }) => random.split('withholdKey', training).uniform() >= p };
}
