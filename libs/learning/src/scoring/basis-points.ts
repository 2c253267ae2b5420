/** The least and the greatest score; one below the least means "unavailable" on a ballot, which no score is. */
export const scoreLimit = 32_767;

/** 10,000 x (before - after) / before, rounded and kept within the limits; the least where a loss is not finite. */
export function improvement(before: number, after: number): number {
  if (!Number.isFinite(before) || !Number.isFinite(after)) return -scoreLimit;
  if (before === after) return 0; // and not 0 / 0
  return clamped((10_000 * (before - after)) / before);
}

/** A share, such as an accuracy, in basis points. */
export function basisPoints(share: number): number {
  return clamped(10_000 * share);
}

function clamped(score: number): number {
  const rounded = Math.round(Math.min(Math.max(score, -scoreLimit), scoreLimit));
  return rounded === 0 ? 0 : rounded; // no -0
}
