import { deviation, mean } from './moments.ts';
import { studentQuantile } from './student.ts';

/** Several measurements of one thing in brief. */
export interface Estimate {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation; NaN below two values. */
  readonly deviation: number;
  /** 95 % interval of the mean; both NaN below two values. */
  readonly low: number;
  readonly high: number;
  readonly least: number;
  readonly most: number;
}

/**
 * Half the width of the 95 % interval of a mean: t(0.975, n - 1) s / sqrt(n) (Student 1908). It supposes that the values
 * are independent and about normally distributed; NaN below two values, of which nothing can be said.
 */
export function studentInterval(values: readonly number[]): number {
  const n = values.length;
  if (n < 2) return NaN;
  const s = deviation(values);
  return s === 0 ? 0 : (studentQuantile(0.975, n - 1) * s) / Math.sqrt(n);
}

export function estimate(values: readonly number[]): Estimate {
  const centre = mean(values);
  const half = studentInterval(values);
  return {
    n: values.length,
    mean: centre,
    deviation: deviation(values),
    low: centre - half,
    high: centre + half,
    least: Math.min(...values),
    most: Math.max(...values),
  };
}
