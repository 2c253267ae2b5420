import type { ActorId } from '#libs/protocol';
import type { RoundRecord } from '#libs/simulation';

/** How far a Validator's scores are from the tallies on average, in basis points. */
export interface Distance {
  /** In the newest round that had ballots; null: it was not among them. */
  readonly lastBp: number | null;
  /** Over all its ballots. */
  readonly meanBp: number;
}

/** Of every Validator that has revealed a ballot. */
export function distancesOf(rounds: readonly RoundRecord[]): Map<ActorId, Distance> {
  const sums = new Map<ActorId, { sumBp: number; ballots: number }>();
  for (const { agreement } of rounds)
    for (const { validator, distanceBp } of agreement) {
      const { sumBp, ballots } = sums.get(validator) ?? { sumBp: 0, ballots: 0 };
      sums.set(validator, { sumBp: sumBp + distanceBp, ballots: ballots + 1 });
    }
  const newest = rounds.findLast(({ agreement }) => agreement.length > 0)?.agreement ?? [];
  const last = new Map(newest.map(({ validator, distanceBp }) => [validator, distanceBp]));
  return new Map(
    [...sums].map(([id, { sumBp, ballots }]) => [
      id,
      { lastBp: last.get(id) ?? null, meanBp: sumBp / ballots },
    ]),
  );
}
