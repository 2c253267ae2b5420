import type { ValidatorConduct } from '#libs/node';
import type { ValidatorBehaviourOf, ValidatorSetting } from '../setting.ts';
import { guess, madeUp } from './guesses.ts';

/** How far friends are lifted and others pushed down, in basis points: the edge of what honest updates score. */
const bias = 150;

/**
 * A ring: all of a group vote the same ballot, which nobody has measured, up for their friends and down for everybody else.
 * They agree on it beforehand, by drawing from the same generator.
 */
export function collude(
  { group, friends }: ValidatorBehaviourOf<'collude'>,
  { groupRandom, trainers }: Pick<ValidatorSetting, 'groupRandom' | 'trainers'>,
): ValidatorConduct {
  const random = groupRandom(group);
  const isFriend = new Set(friends.map((position) => trainers[position]));
  return {
    instead: (context) =>
      madeUp(context, (trainer) => {
        const size = bias + Math.abs(guess(random, context.round, trainer));
        return isFriend.has(trainer) ? size : -size;
      }),
  };
}
