import { type Expectation, judge, parseExpectation } from '../sweep/expectations.ts';
import { deviation, estimate } from '../statistics/index.ts';
import { inOrder } from './catalogue.ts';
import type { SweepResults } from './sweep-results.ts';

/** A figure over the seeds of one combination; the interval and the deviation are null below two values. */
export interface CellFigure {
  readonly n: number;
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly deviation: number | null;
  readonly least: number;
  readonly most: number;
}

export interface Judgement {
  readonly text: string;
  readonly cell: number;
  readonly holds: boolean;
  /** Seeds that were asked for and have no result. */
  readonly missing: number;
  readonly left: number | null;
  readonly right: number | null;
}

/** `summary.json`: what the trials come to. */
export interface SweepSummary {
  readonly format: 'flobc.sweep-summary';
  readonly version: 1;
  readonly name: string;
  readonly trials: { readonly planned: number; readonly ended: number };
  readonly axes: readonly string[];
  readonly cells: readonly {
    readonly labels: readonly string[];
    readonly isBaseline: boolean;
    readonly seeds: readonly string[];
    readonly figures: Readonly<Record<string, CellFigure>>;
  }[];
  readonly expectations: readonly Judgement[];
}

export function summaryOf(results: SweepResults): SweepSummary {
  const { record, trials } = results;
  return {
    format: 'flobc.sweep-summary',
    version: 1,
    name: record.name,
    trials: { planned: record.trials.length, ended: trials.length },
    axes: record.axes.map(({ name }) => name),
    cells: record.cells.map(({ labels, isBaseline }, cell) => ({
      labels,
      isBaseline,
      seeds: trialsOf(results, cell).map(({ seed }) => seed),
      figures: figuresOf(results, cell),
    })),
    expectations: judgementsOf(results),
  };
}

export const trialsOf = ({ trials }: SweepResults, cell: number) =>
  trials.filter((trial) => trial.cell === cell);

/** The values of a figure over the seeds of a combination; those that a run does not have are left out. */
export const valuesOf = (results: SweepResults, cell: number, metric: string): number[] =>
  trialsOf(results, cell).flatMap(({ figures }) => figures.metrics[metric] ?? []);

function figuresOf(results: SweepResults, cell: number): Record<string, CellFigure> {
  const names = inOrder(trialsOf(results, cell).flatMap(({ figures }) => Object.keys(figures.metrics)));
  return Object.fromEntries(
    names.flatMap((name) => {
      const values = valuesOf(results, cell, name);
      return values.length === 0 ? [] : [[name, cellFigure(values)]];
    }),
  );
}

function cellFigure(values: readonly number[]): CellFigure {
  const { n, mean, low, high, least, most } = estimate(values);
  return {
    n,
    mean: told(mean)!,
    low: told(low),
    high: told(high),
    deviation: told(deviation(values)),
    least,
    most,
  };
}

const told = (value: number): number | null =>
  Number.isFinite(value) ? Number(value.toPrecision(12)) : null;

/** Every expectation for every combination that it is about. One whose trials have not all ended does not hold yet. */
export function judgementsOf(results: SweepResults): Judgement[] {
  const { record } = results;
  return record.expectations.flatMap(({ text, cells }) => {
    const expectation = withoutCondition(text);
    return cells.map((cell) => {
      const { holds, left, right } = judge(expectation, (metric) => valuesOf(results, cell, metric));
      const missing = record.seeds.length - trialsOf(results, cell).length;
      return { text, cell, holds: holds && missing === 0, missing, left, right };
    });
  });
}

/** What it is about was worked out when the sweep file was read. */
function withoutCondition(text: string): Expectation {
  const parsed = parseExpectation(text.split(/\s+where\s+/)[0]!, []);
  if (typeof parsed === 'string') throw new Error(`sweep.json: ${parsed}`);
  return parsed;
}
