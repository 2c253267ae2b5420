import { sum } from './moments.ts';

/**
 * Gini's coefficient: half the mean absolute difference of all pairs over the mean. With x sorted upwards, i from 1:
 *
 *   G = 2 sum(i x_i) / (n sum(x)) - (n + 1) / n
 *
 * 0: all have the same; (n - 1) / n: one has everything. For amounts from 0 on; NaN of nothing, 0 where nobody has anything.
 */
export function gini(values: readonly number[]): number {
  const n = values.length;
  if (n === 0) return NaN;
  const total = sum(values);
  if (total === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  return (2 * sum(sorted.map((value, i) => (i + 1) * value))) / (n * total) - (n + 1) / n;
}
