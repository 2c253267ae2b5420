import type { ValidatorConduct } from '#libs/node';
import type { ValidatorBehaviourOf, ValidatorSetting } from '../setting.ts';

/** Takes no part in some rounds: proposes, signs, votes, merges and settles nothing in them. */
export function absent(
  { p }: ValidatorBehaviourOf<'absent'>,
  { random }: Pick<ValidatorSetting, 'random'>,
): ValidatorConduct {
  return { takesPart: (round) => random.split('absent', round).uniform() >= p };
}
