import { createUser, fromSeed } from '@nats-io/nkeys';
import { Fault } from '#libs/fault';

/** How a node logs in: the server knows the public key, the node alone the seed. */
export interface NKey {
  /** `SU...`; secret. */
  readonly seed: string;
  /** `U...` */
  readonly publicKey: string;
}

export function createNKey(): NKey {
  const pair = createUser();
  return { seed: new TextDecoder().decode(pair.getSeed()), publicKey: pair.getPublicKey() };
}

/** The public key of a seed. @throws Fault KEY_INVALID */
export function publicKeyOf(seed: string): string {
  try {
    return fromSeed(new TextEncoder().encode(seed.trim())).getPublicKey();
  } catch (cause) {
    throw new Fault('KEY_INVALID', 'These credentials for NATS are no NKey seed.', {
      hint: 'A seed is a line that begins with SU.',
      cause,
    });
  }
}
