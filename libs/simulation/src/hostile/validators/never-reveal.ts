import type { ValidatorConduct } from '#libs/node';

/** Commits to a ballot and keeps it to itself, so that the round waits until the deadline. */
export function neverReveal(): ValidatorConduct {
  return { reveals: () => false };
}
