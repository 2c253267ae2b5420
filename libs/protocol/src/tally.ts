/** The score of an update that was not there or was malformed: no key, wrong digest or length, NaN, infinity. */
export const unavailable = -32_768;

/** Bond-weighted median of the scores of one update, in basis points. */
export type Tally = number | 'unavailable';

/** One Validator's scores for all updates of a lineup, in the lineup's order. */
export interface Ballot {
  readonly bondWei: bigint;
  readonly scores: readonly number[];
}

/** True for a score: an int16, in basis points of the loss, or {@link unavailable}. */
export const isScore = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= unavailable && (value as number) <= 32_767;

/**
 * Tally of every update of a lineup: the bond-weighted lower median. Sort the scores ascending; the tally is the first
 * at which the bond counted so far is at least half of the bond that scored. "unavailable" is not a number: where more
 * than half of the revealed bond reports it, that is the tally, else those ballots are left out.
 *
 * The only arithmetic that exists here and in the contracts; `test/vectors/tally.json` pins both.
 */
export function tallies(ballots: readonly Ballot[], updates: number): Tally[] {
  const totalWei = ballots.reduce((sum, { bondWei }) => sum + bondWei, 0n);
  return Array.from({ length: updates }, (_, update) => {
    const votes = ballots
      .map(({ bondWei, scores }) => ({ bondWei, score: scores[update] ?? unavailable }))
      .filter(({ score }) => score !== unavailable)
      .sort((a, b) => a.score - b.score);
    const scoredWei = votes.reduce((sum, { bondWei }) => sum + bondWei, 0n);
    if ((totalWei - scoredWei) * 2n > totalWei) return 'unavailable';
    let countedWei = 0n;
    const median = votes.find(({ bondWei }) => (countedWei += bondWei) * 2n >= scoredWei);
    return median?.score ?? 'unavailable';
  });
}
