import type { ValidatorBehaviour } from '#libs/experiment';
import type { ValidatorConduct } from '#libs/node';
import type { ValidatorSetting } from './setting.ts';
import { absent } from './validators/absent.ts';
import { censor } from './validators/censor.ts';
import { collude } from './validators/collude.ts';
import { copyBallot } from './validators/copy-ballot.ts';
import { lazy } from './validators/lazy.ts';
import { neverReveal } from './validators/never-reveal.ts';
import { voteFlip } from './validators/vote-flip.ts';
import { wrongDigest } from './validators/wrong-digest.ts';

/** What a Validator does otherwise than an honest one; undefined: nothing. Some remember: one for each Validator. */
export function validatorConduct(
  behaviour: ValidatorBehaviour,
  setting: ValidatorSetting,
): ValidatorConduct | undefined {
  switch (behaviour.kind) {
    case 'honest':
      return undefined;
    case 'lazy':
      return lazy(behaviour, setting);
    case 'voteFlip':
      return voteFlip();
    case 'collude':
      return collude(behaviour, setting);
    case 'absent':
      return absent(behaviour, setting);
    case 'neverReveal':
      return neverReveal();
    case 'copyBallot':
      return copyBallot(setting);
    case 'wrongDigest':
      return wrongDigest(setting);
    case 'censor':
      return censor(behaviour, setting);
    default:
      throw new Error(`no Validator behaves like ${JSON.stringify(behaviour satisfies never)}`);
  }
}
