import type { TrainerBehaviour } from '#libs/experiment';
import type { TrainerConduct } from '#libs/node';
import type { TrainerSetting } from './setting.ts';
import { backdoor } from './trainers/backdoor.ts';
import { badBytes } from './trainers/bad-bytes.ts';
import { copycat } from './trainers/copycat.ts';
import { crash } from './trainers/crash.ts';
import { freeRide } from './trainers/free-ride.ts';
import { labelFlip } from './trainers/label-flip.ts';
import { noise } from './trainers/noise.ts';
import { scale } from './trainers/scale.ts';
import { signFlip } from './trainers/sign-flip.ts';
import { straggler } from './trainers/straggler.ts';
import { withholdKey } from './trainers/withhold-key.ts';

/** What a Trainer does otherwise than an honest one; undefined: nothing. Some remember: one for each Trainer. */
export function trainerConduct(
  behaviour: TrainerBehaviour,
  setting: TrainerSetting,
): TrainerConduct | undefined {
  switch (behaviour.kind) {
    case 'honest':
      return undefined;
    case 'noise':
      return noise(behaviour, setting);
    case 'signFlip':
      return signFlip(behaviour);
    case 'labelFlip':
      return labelFlip();
    case 'backdoor':
      return backdoor(behaviour, setting);
    case 'scale':
      return scale(behaviour);
    case 'freeRide':
      return freeRide(behaviour, setting);
    case 'copycat':
      return copycat(setting);
    case 'straggler':
      return straggler(behaviour, setting);
    case 'crash':
      return crash(behaviour, setting);
    case 'badBytes':
      return badBytes(behaviour);
    case 'withholdKey':
      return withholdKey(behaviour, setting);
    default:
      throw new Error(`no Trainer behaves like ${JSON.stringify(behaviour satisfies never)}`);
  }
}
