import { deviation, mean } from './moments.ts';
import { logGamma } from './student.ts';

/**
 * Hedges' g (Hedges 1981): the difference of two means in pooled standard deviations, without the bias of small samples.
 *
 *   g = J(df) (mean a - mean b) / s,  s^2 = ((na - 1) sa^2 + (nb - 1) sb^2) / df,  df = na + nb - 2
 *   J(df) = Gamma(df / 2) / (sqrt(df / 2) Gamma((df - 1) / 2))
 *
 * NaN below two values on either side, and where neither side varies.
 */
export function hedgesG(a: readonly number[], b: readonly number[]): number {
  const df = a.length + b.length - 2;
  if (a.length < 2 || b.length < 2) return NaN;
  const pooled = ((a.length - 1) * deviation(a) ** 2 + (b.length - 1) * deviation(b) ** 2) / df;
  if (pooled === 0) return NaN;
  const correction = Math.exp(logGamma(df / 2) - logGamma((df - 1) / 2)) / Math.sqrt(df / 2);
  return (correction * (mean(a) - mean(b))) / Math.sqrt(pooled);
}
