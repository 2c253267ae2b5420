import { mean, sum } from './moments.ts';

/** Ranks from 1; equal values share the mean of the ranks that they would have. */
export function ranks(values: readonly number[]): number[] {
  const order = values.map((value, i) => ({ value, i })).sort((a, b) => a.value - b.value);
  const all = new Array<number>(values.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to + 1 < order.length && order[to + 1]!.value === order[from]!.value) to++;
    for (let at = from; at <= to; at++) all[order[at]!.i] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return all;
}

/**
 * Spearman's rank correlation: Pearson's correlation of the ranks (with ties as above). NaN where a side is constant or
 * holds a NaN, which has no rank.
 */
export function spearman(a: readonly number[], b: readonly number[]): number {
  if ([...a, ...b].some(Number.isNaN)) return NaN;
  const [x, y] = [ranks(a), ranks(b)];
  const [mx, my] = [mean(x), mean(y)];
  const across = sum(x.map((value, i) => (value - mx) * (y[i]! - my)));
  const spread = sum(x.map((value) => (value - mx) ** 2)) * sum(y.map((value) => (value - my) ** 2));
  return spread === 0 ? NaN : across / Math.sqrt(spread);
}
