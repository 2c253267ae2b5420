import type { TrainerConduct } from '#libs/node';
import type { TrainerBehaviourOf } from '../setting.ts';

/** Sends a multiple of what it has learned, so that the mean goes its way (model replacement, Bagdasaryan et al. 2020). */
export function scale({ factor }: TrainerBehaviourOf<'scale'>): TrainerConduct {
  return { delta: (honest) => scaled(honest, factor) };
}

export const scaled = (values: Float32Array, factor: number): Float32Array =>
  values.map((value) => factor * value);
