/** `total` in whole parts that differ by at most one, the larger ones first. */
export function evenly(total: number, parts: number): number[] {
  return Array.from({ length: parts }, (_, i) => Math.floor(total / parts) + (i < total % parts ? 1 : 0));
}

/**
 * `total` in whole parts in proportion to weights (largest remainders, Hamilton 1792; ties to the lower index).
 *
 * @param weights not negative, at least one of them positive
 */
export function proportionally(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const exact = weights.map((weight) => (total * weight) / sum);
  const parts = exact.map(Math.floor);
  const missing = total - parts.reduce((a, b) => a + b, 0);
  const byRemainder = exact
    .map((share, i) => ({ i, remainder: share - parts[i]! }))
    .sort((a, b) => b.remainder - a.remainder || a.i - b.i);
  for (const { i } of byRemainder.slice(0, missing)) parts[i]!++;
  return parts;
}

/**
 * The same, no part above its capacity: what a full part cannot take goes to the others in proportion to their
 * weights, and where no weight is left, to their room.
 *
 * @param capacities at least `total` in all
 */
export function proportionallyWithin(
  total: number,
  weights: readonly number[],
  capacities: readonly number[],
): number[] {
  const parts = new Array<number>(weights.length).fill(0);
  for (let left = total; left > 0;) {
    const room = capacities.map((capacity, i) => capacity - parts[i]!);
    const open = weights.map((weight, i) => (room[i]! > 0 ? weight : 0));
    // Either all is placed in this turn or a part becomes full, so that there are at most as many turns as parts.
    for (const [i, share] of proportionally(
      left,
      open.some((weight) => weight > 0) ? open : room,
    ).entries()) {
      const given = Math.min(share, room[i]!);
      parts[i]! += given;
      left -= given;
    }
  }
  return parts;
}
