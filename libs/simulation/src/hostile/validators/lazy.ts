import type { ValidatorConduct } from '#libs/node';
import type { ValidatorBehaviourOf, ValidatorSetting } from '../setting.ts';
import { guess, madeUp, usual } from './guesses.ts';

/** Votes without having looked, to be paid without work: the same score for everybody, or a guess for each. */
export function lazy(
  { with: what }: ValidatorBehaviourOf<'lazy'>,
  { random }: Pick<ValidatorSetting, 'random'>,
): ValidatorConduct {
  return {
    instead: (context) =>
      madeUp(context, (trainer) =>
        what === 'constant' ? usual.mean : guess(random, context.round, trainer),
      ),
  };
}
