import type { TrainerConduct } from '#libs/node';
import type { TrainerBehaviourOf } from '../setting.ts';
import { scaled } from './scale.ts';

/** Sends what it has learned with the sign turned: away from where everybody goes. */
export function signFlip({ factor }: TrainerBehaviourOf<'signFlip'>): TrainerConduct {
  return { delta: (honest) => scaled(honest, -factor) };
}
