import type { RevealPhase, Round } from './state.ts';
import { find } from './table.ts';
import { tallies, type Tally } from './tally.ts';

/** Tallies of a round from the ballots revealed so far, with the bonds of the round's committee. */
export function committeeTallies({ committee }: Round, { ballots, lineup }: RevealPhase): Tally[] {
  const revealed = committee.flatMap(({ id, bondWei }) => {
    const scores = find(ballots, id);
    return scores === undefined ? [] : [{ bondWei, scores }];
  });
  return tallies(revealed, lineup.entries.length);
}
