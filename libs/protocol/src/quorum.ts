import type { Quorum } from './config.ts';
import type { Seat } from './election.ts';
import { exceeds } from './ratio.ts';

/** True if those of the committee for whom `votes` holds are a quorum of its bond. */
export function isQuorum(
  quorum: Quorum,
  committee: readonly Seat[],
  votes: (seat: Seat) => boolean,
): boolean {
  let wholeWei = 0n;
  let partWei = 0n;
  for (const seat of committee) {
    wholeWei += seat.bondWei;
    if (votes(seat)) partWei += seat.bondWei;
  }
  return exceeds(partWei, wholeWei, committee.length >= quorum.manyFrom ? quorum.many : quorum.few);
}
