import type { ValidatorConduct } from '#libs/node';
import type { Digest } from '#libs/protocol';
import type { Generator } from '#libs/random';
import type { ValidatorSetting } from '../setting.ts';

/** Merges, and signs the digest of a model that there is not; every such Validator another one. */
export function wrongDigest({ random }: Pick<ValidatorSetting, 'random'>): ValidatorConduct {
  return { model: (honest) => digestFrom(random.split('wrongDigest', honest)) };
}

function digestFrom(draws: Generator): Digest {
  const bytes = Uint8Array.from({ length: 32 }, () => draws.integer(256));
  return `0x${Buffer.from(bytes).toString('hex')}`;
}
