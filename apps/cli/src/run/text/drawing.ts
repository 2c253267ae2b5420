import type { Glyphs } from './glyphs.ts';

/** A share of 1 as a bar. What is not nothing is seen, and what is not all is not full. */
export function bar(share: number, width: number, { full, empty }: Glyphs): string {
  const bounded = Math.min(1, Math.max(0, share));
  let filled = Math.round(bounded * width);
  if (filled === 0 && bounded > 0) filled = 1;
  if (filled === width && bounded < 1) filled = width - 1;
  return full.repeat(filled) + empty.repeat(width - filled);
}

/**
 * Values over time, as a chart of so many lines and at most so many columns, the top line first; from the smallest value to
 * the largest. Where there are more values than columns, a column is the last of its share of them, so that the whole
 * run is in view. A value takes `each` columns; one that is missing leaves a gap.
 */
export function chart(
  values: readonly (number | null)[],
  { width, height, each = 1 }: { width: number; height: number; each?: number },
  { levels }: Glyphs,
): string[] {
  const columns = thinned(values, Math.floor(width / each));
  const known = columns.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const steps = levels.length * height;
  const heights = columns.map((value) => (value === null ? 0 : heightOf(value, low, high, steps)));
  return Array.from({ length: height }, (_, fromTop) => {
    const below = (height - 1 - fromTop) * levels.length;
    return heights.map((steps) => cell(steps - below, levels).repeat(each)).join('');
  });
}

function thinned(values: readonly (number | null)[], width: number): readonly (number | null)[] {
  if (values.length <= width) return values;
  return Array.from({ length: width }, (_, i) => values[Math.floor(((i + 1) * values.length) / width) - 1]!);
}

/** From 1 for the smallest value, so that it is not taken for a gap; in the middle where all are the same. */
function heightOf(value: number, low: number, high: number, steps: number): number {
  const share = high > low ? (value - low) / (high - low) : 0.5;
  return 1 + Math.round(share * (steps - 1));
}

function cell(steps: number, levels: readonly string[]): string {
  return steps <= 0 ? ' ' : levels[Math.min(steps, levels.length) - 1]!;
}
