/** The score of an update that could not be fetched, opened or parsed. */
export const unavailable = -32_768;

/**
 * Bond-weighted lower median of one update's scores: the first score, ascending, at which the bond so far reaches half
 * of the bond of all that scored it; `unavailable` if more than half of the bond says so. (PROTOCOL.md, section 2.)
 */
export function tallyOf(scores: readonly number[], bondsWei: readonly bigint[]): number {
  const votes = scores.map((score, i) => ({ score, bondWei: bondsWei[i]! }));
  const sum = (list: typeof votes) => list.reduce((total, vote) => total + vote.bondWei, 0n);
  const scored = votes.filter((vote) => vote.score !== unavailable).sort((a, b) => a.score - b.score);
  const total = sum(scored);
  if ((sum(votes) - total) * 2n > sum(votes)) return unavailable;
  let upTo = 0n;
  for (const vote of scored) {
    upTo += vote.bondWei;
    if (upTo * 2n >= total) return vote.score;
  }
  return unavailable;
}

/** Scores as ballots carry them: big-endian int16, one after the other. */
export function packScores(scores: readonly number[]): string {
  const bytes = Buffer.alloc(2 * scores.length);
  scores.forEach((score, i) => bytes.writeInt16BE(score, 2 * i));
  return `0x${bytes.toString('hex')}`;
}
