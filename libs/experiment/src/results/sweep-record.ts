import { z } from 'zod';
import type { Sweep } from '../sweep/sweep.ts';
import type { Json } from '../plan/canonical.ts';

// What a sweep's folder says of itself in `sweep.json`: enough to read its results without the sweep file.

const axis = z.strictObject({
  name: z.string(),
  isNamed: z.boolean(),
  labels: z.array(z.string()),
  /** What each label stands for: the value, or of a named patch what it sets. */
  values: z.array(z.custom<Json>()),
});

const session = z.strictObject({
  /** What was typed. */
  command: z.string(),
  /** Of the product; null outside a checkout. `-changed`: with changes that are in no commit. */
  commit: z.string().nullable(),
  startedAt: z.string(),
});

export const sweepRecord = z.strictObject({
  format: z.literal('flobc.sweep'),
  version: z.literal(1),
  name: z.string(),
  question: z.string().nullable(),
  reported: z.string().nullable(),
  differs: z.string().nullable(),
  file: z.string(),
  axes: z.array(axis),
  /** By axis; on the axes that are not named, a combination is compared with the one that has its own label. */
  baseline: z.record(z.string(), z.string()),
  seeds: z.array(z.string()),
  /** Labels in the order of the axes. */
  cells: z.array(z.strictObject({ labels: z.array(z.string()), isBaseline: z.boolean() })),
  /** Digest of the plan, position of the cell, seed. */
  trials: z.array(z.strictObject({ id: z.string(), cell: z.int(), seed: z.string() })),
  /** What was expected, and of which cells. */
  expectations: z.array(z.strictObject({ text: z.string(), cells: z.array(z.int()) })),
  /** The sittings in which it was run, the last one last. */
  sessions: z.array(session),
});

export type SweepRecord = z.output<typeof sweepRecord>;
export type Session = z.output<typeof session>;

export function recordOf(
  { name, question, reported, differs, file, axes, baseline, seeds, cells, trials, expectations }: Sweep,
  aboutOf: (expectation: Sweep['expectations'][number]) => number[],
  sessions: readonly Session[],
): SweepRecord {
  return {
    format: 'flobc.sweep',
    version: 1,
    name,
    question,
    reported,
    differs,
    file,
    axes: axes.map(({ name: axisName, isNamed, choices }) => ({
      name: axisName,
      isNamed,
      labels: choices.map(({ label }) => label),
      values: choices.map(({ value, settings }) =>
        isNamed
          ? Object.fromEntries(settings.map(({ path, value: set }) => [path.join('.'), set as Json]))
          : value,
      ),
    })),
    baseline: { ...baseline },
    seeds: [...seeds],
    cells: cells.map(({ combination, isBaseline }) => ({
      labels: combination.map(({ label }) => label),
      isBaseline,
    })),
    trials: trials.map(({ id, cell, seed }) => ({ id, cell: cell.index, seed })),
    expectations: expectations.map((expectation) => ({
      text: expectation.text,
      cells: aboutOf(expectation),
    })),
    sessions: [...sessions],
  };
}
