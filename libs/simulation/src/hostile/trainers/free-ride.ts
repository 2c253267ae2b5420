import type { TrainerConduct, TrainingContext } from '#libs/node';
import type { Generator } from '#libs/random';
import type { TrainerBehaviourOf, TrainerSetting } from '../setting.ts';
import { watchReleases } from './releases.ts';
import { scaled } from './scale.ts';

/**
 * Wants the model and the reward without the work (Lin, Du, Liu 2019), and sends
 * - `zeros`: an update that changes nothing;
 * - `random`: noise as long as the last step of the released model;
 * - `last`: that step itself, which others have made. Zeros as long as there was none.
 */
export function freeRide(
  { with: what }: TrainerBehaviourOf<'freeRide'>,
  { random }: Pick<TrainerSetting, 'random'>,
): TrainerConduct {
  const releases = watchReleases();
  const make = {
    zeros: ({ base }: TrainingContext) => new Float32Array(base.values.length),
    random: (context: TrainingContext) =>
      noiseAsLongAs(
        releases.lastStep(context) ?? guessed(context),
        random.split('freeRide', context.training),
      ),
    last: (context: TrainingContext) =>
      releases.lastStep(context) ?? new Float32Array(context.base.values.length),
  };
  return { instead: make[what] };
}

/** A twentieth of the model: about as far as it gets in one of the first rounds. */
const guessed = ({ base }: TrainingContext): Float32Array => scaled(base.values, 0.05);

function noiseAsLongAs(model: Float32Array, draws: Generator): Float32Array {
  const noise = model.map(() => draws.normal());
  return scaled(noise, norm(model) / norm(noise));
}

function norm(values: Float32Array): number {
  let squares = 0;
  for (const value of values) squares += value * value;
  return Math.sqrt(squares);
}
