import type { Digest } from '#libs/protocol';
import type { LoadedRunFile } from '../run-file/load.ts';
import type { Expectation } from './expectations.ts';
import type { Axis, Combination } from './matrix.ts';

/** A sweep file, read to its end: what is tried, in which combinations, and what is expected of it. */
export interface Sweep {
  readonly name: string;
  readonly question: string | null;
  readonly reported: string | null;
  readonly differs: string | null;
  /** Path of the file, as it was given, and what was in it. */
  readonly file: string;
  readonly text: string;
  readonly axes: readonly Axis[];
  /** What combinations are compared with: those with these labels, and otherwise the same ones. */
  readonly baseline: Readonly<Record<string, string>>;
  readonly seeds: readonly string[];
  readonly cells: readonly Cell[];
  /** In the order of the cells, and of the seeds within each. */
  readonly trials: readonly Trial[];
  readonly expectations: readonly Expectation[];
  /** Allowed, and probably not meant. */
  readonly warnings: readonly string[];
}

/** One combination of values, which is run with every seed. */
export interface Cell {
  readonly index: number;
  readonly combination: Combination;
  /** Others are compared with it. */
  readonly isBaseline: boolean;
}

/** One run of a sweep. */
export interface Trial {
  /** Digest of its plan: what a change of any file that matters changes too. */
  readonly id: Digest;
  readonly cell: Cell;
  readonly seed: string;
  /** Overrides are told here by the sweep file; `folder` is what the plan's paths are relative to. */
  readonly loaded: LoadedRunFile;
}

/** What a trial's folder is called: short, and as unlikely to be another's as its digest. */
export const trialName = (id: Digest): string => id.slice(2, 18);

/** `ratio 5:5, seed 3` */
export function trialTitle(
  { axes }: Pick<Sweep, 'axes'>,
  { cell, seed }: Pick<Trial, 'cell' | 'seed'>,
): string {
  return [...cellWords(axes, cell.combination), `seed ${seed}`].join(', ');
}

export const cellTitle = (
  { axes }: Pick<Sweep, 'axes'>,
  { combination }: Pick<Cell, 'combination'>,
): string => cellWords(axes, combination).join(', ') || 'the base';

const cellWords = (axes: readonly Axis[], combination: Combination): string[] =>
  axes.map(({ name }, i) => `${name} ${combination[i]!.label}`);
