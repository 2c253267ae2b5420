import type { LedgerBallots } from '#libs/ports';
import { type Entry, openRound, tallies } from '#libs/protocol';
import { encodeLineup, type Place } from '#libs/wire';
import type { Follower } from './follower.ts';
import type { Recall } from './recall.ts';

/** Entries by the numbers that the ledger knows Trainers by, in the order of the lineup. */
export const placesOf = (follower: Follower, entries: readonly Entry[]): Place[] =>
  entries.map(({ trainer, receipt }) => ({ number: follower.numberOf(trainer), receipt }));

/** Lineup, tallies and ballots as the ledger checks them; null unless the round is being settled. */
export function ballotsFor(follower: Follower, round: number, scoresBase: boolean): LedgerBallots | null {
  const open = openRound(follower.state);
  if (open?.number !== round || open.phase.kind !== 'settlement') return null;
  const counted = follower.ballots.counted(round);
  const revealed = open.committee.flatMap(({ id, bondWei }, seat) => {
    const ballot = counted.get(id);
    return ballot === undefined ? [] : [{ seat, bondWei, ...ballot }];
  });
  const { entries } = open.phase.lineup;
  return {
    lineup: { round, ...encodeLineup(placesOf(follower, entries)) },
    tallies: tallies(revealed, entries.length + (scoresBase ? 1 : 0)),
    ballots: revealed.map(({ seat, scores, salt }) => ({ seat, scores, salt })),
  };
}

/** Asks the contract what a settlement will be, and tells the follower: money has one implementation, and it is there. */
export async function preview(
  follower: Follower,
  round: number,
  scoresBase: boolean,
  recall: Recall,
): Promise<void> {
  const { world, run } = follower;
  const ballots = ballotsFor(follower, round, scoresBase);
  if (ballots === null) return;
  const previewed = await recall.once(`preview ${round} ${keyOf(ballots)}`, () =>
    world.ledger.previewSettlement(run.domain.number, ballots),
  );
  if (previewed.kind === 'reverted') return;
  follower.say({ kind: 'preview', round, outcome: previewed.outcome, parent: previewed.parent });
}

const keyOf = (ballots: LedgerBallots): string =>
  JSON.stringify(ballots, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
