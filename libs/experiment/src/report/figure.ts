import type { Study } from './study.ts';

/** One picture with what it was drawn from. */
export interface Figure {
  /** Of its files: `accuracy-by-round`. */
  readonly id: string;
  readonly title: string;
  /** What is drawn and how to read it; the numbers of seeds and trials are added by the report. */
  readonly says: string;
  /** One SVG element; colours are variables of the page. */
  readonly svg: string;
  /** What was drawn, for other programs. */
  readonly data: {
    readonly head: readonly string[];
    readonly rows: readonly (readonly (string | number | null)[])[];
  };
}

/** Draws its figures of a sweep; none where the sweep has nothing that they are about. */
export type FigureMaker = (study: Study) => Figure[];

export const dataOf = (rows: readonly Readonly<Record<string, string | number | null>>[]): Figure['data'] => {
  const head = Object.keys(rows[0] ?? {});
  return { head, rows: rows.map((row) => head.map((key) => row[key] ?? null)) };
};

/** 12 as 12, NaN as nothing. */
export const known = (value: number): number | null => (Number.isFinite(value) ? value : null);

export const intervalNote =
  'Lines and points are means over seeds, bands and bars their 95 % intervals (Student).';
