import type { ValidatorConduct } from '#libs/node';
import type { ValidatorBehaviourOf, ValidatorSetting } from '../setting.ts';

/** Leaves out of its lineups what some Trainers have sent. */
export function censor(
  { trainers: positions }: ValidatorBehaviourOf<'censor'>,
  { trainers }: Pick<ValidatorSetting, 'trainers'>,
): ValidatorConduct {
  const isUnwanted = new Set(positions.map((position) => trainers[position]));
  return { lineup: (honest) => honest.filter(({ trainer }) => !isUnwanted.has(trainer)) };
}
