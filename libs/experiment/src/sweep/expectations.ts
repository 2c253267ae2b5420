import { nearest } from '#libs/fault';
import { metricInfo, nearestMetric } from '../results/catalogue.ts';
import { estimate, median } from '../statistics/index.ts';
import { type Axis, type Choice, isCalled } from './matrix.ts';

// What a sweep file expects of its results:
//
//   accuracy.final.mean >= 0.97 where hostile = 0
//   profit.trainer.noise.high < profit.trainer.honest.low where policy != FlatPolicy and hostile > 0
//
// It has to hold for each combination by itself that `where` chooses, over its seeds.

/** What is taken of a figure over the seeds of a combination; `low` and `high` are the ends of its 95 % interval. */
export const statistics = ['mean', 'median', 'min', 'max', 'low', 'high', 'deviation'] as const;
export type Statistic = (typeof statistics)[number];

const comparisons = {
  '>=': (a: number, b: number) => a >= b,
  '<=': (a: number, b: number) => a <= b,
  '!=': (a: number, b: number) => a !== b,
  '>': (a: number, b: number) => a > b,
  '<': (a: number, b: number) => a < b,
  '=': (a: number, b: number) => a === b,
} as const;
type Comparison = keyof typeof comparisons;

export type Operand =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'figure'; readonly metric: string; readonly statistic: Statistic };

export interface Expectation {
  /** As the file has it. */
  readonly text: string;
  readonly left: Operand;
  readonly comparison: Comparison;
  readonly right: Operand;
  readonly where: readonly {
    readonly axis: string;
    readonly comparison: Comparison;
    readonly value: string;
  }[];
}

/** An expectation, or what is wrong with it. */
export function parseExpectation(text: string, axes: readonly Axis[]): Expectation | string {
  const [claim, condition, ...more] = text.split(/\s+where\s+/);
  if (more.length > 0) return 'says where twice; join conditions with and';
  const [, leftText = '', comparison, rightText = ''] =
    /^\s*(.*?)\s*(>=|<=|!=|==?|>|<)\s*(.*?)\s*$/.exec(claim!) ?? [];
  if (comparison === undefined)
    return 'expected FIGURE.STATISTIC, a comparison and a number, such as accuracy.final.mean >= 0.97 where hostile = 0';
  const [left, right] = [operand(leftText), operand(rightText)];
  if (typeof left === 'string') return left;
  if (typeof right === 'string') return right;
  const where: Expectation['where'][number][] = [];
  for (const part of condition?.split(/\s+and\s+/) ?? []) {
    const parsed = conditionOf(part, axes);
    if (typeof parsed === 'string') return parsed;
    where.push(parsed);
  }
  return { text, left, comparison: written(comparison), right, where };
}

const written = (comparison: string): Comparison => (comparison === '==' ? '=' : comparison) as Comparison;

function operand(text: string): Operand | string {
  const percent = /^(-?\d+(?:\.\d+)?) ?%$/.exec(text)?.[1];
  const value = percent === undefined ? Number(text) : Number(percent) / 100;
  if (text !== '' && Number.isFinite(value)) return { kind: 'number', value };
  const end = text.lastIndexOf('.');
  const [metric, statistic] = [text.slice(0, end), text.slice(end + 1)];
  if (metricInfo(text) !== undefined)
    return `${text} has to say of what over the seeds: ${text}.mean; there are ${statistics.join(', ')}`;
  if (metricInfo(metric) === undefined) {
    const near = nearestMetric(metric) ?? nearestMetric(text);
    return `there is no figure ${JSON.stringify(metric || text)}${near === undefined ? '' : `; is ${near} meant?`}`;
  }
  if (statistics.includes(statistic as Statistic))
    return { kind: 'figure', metric, statistic: statistic as Statistic };
  const near = nearest(statistic, statistics);
  return `there is no statistic ${JSON.stringify(statistic)}; ${near === undefined ? `there are ${statistics.join(', ')}` : `is ${near} meant?`}`;
}

function conditionOf(text: string, axes: readonly Axis[]): Expectation['where'][number] | string {
  const [, name, comparison, quoted] = /^\s*([\w.-]+)\s*(>=|<=|!=|==?|>|<)\s*(.*?)\s*$/.exec(text) ?? [];
  if (name === undefined || comparison === undefined || !quoted)
    return `${JSON.stringify(text)} is no condition such as hostile = 0`;
  const axis = axes.find((one) => one.name === name);
  if (!axis) {
    const names = axes.map((one) => one.name);
    const near = nearest(name, names);
    return `there is no axis ${name}; ${near === undefined ? `there are ${names.join(', ') || 'none'}` : `is ${near} meant?`}`;
  }
  const value = quoted.replace(/^(["'])(.*)\1$/, '$2');
  const isEquality = ['=', '==', '!='].includes(comparison);
  if (isEquality && !axis.choices.some((choice) => isNamed(choice, value))) {
    const labels = axis.choices.map(({ label }) => label);
    const near = nearest(value, labels);
    return `${name} has no value ${value}; ${near === undefined ? `there are ${labels.join(', ')}` : `is ${near} meant?`}`;
  }
  if (
    !isEquality &&
    (!Number.isFinite(numberOf(value)) || axis.choices.every(({ label }) => Number.isNaN(numberOf(label))))
  )
    return `${text.trim()} compares what is no number`;
  return { axis: name, comparison: written(comparison), value };
}

/** 15 % is 0.15. */
function numberOf(text: string): number {
  const percent = /^(-?\d+(?:\.\d+)?) ?%$/.exec(text.trim())?.[1];
  return percent === undefined ? (text.trim() === '' ? NaN : Number(text)) : Number(percent) / 100;
}

const isNamed = (choice: Choice, wanted: string): boolean =>
  isCalled(choice, wanted) ||
  (Number.isFinite(numberOf(wanted)) && numberOf(choice.label) === numberOf(wanted));

/** True where an expectation is about this combination. */
export function isAbout(
  { where }: Expectation,
  axes: readonly Axis[],
  combination: readonly Choice[],
): boolean {
  return where.every(({ axis, comparison, value }) => {
    const choice = combination[axes.findIndex(({ name }) => name === axis)]!;
    if (comparison === '=') return isNamed(choice, value);
    if (comparison === '!=') return !isNamed(choice, value);
    return comparisons[comparison](numberOf(choice.label), numberOf(value));
  });
}

/** Whether it holds, and of what numbers; a figure that no trial has holds nothing. */
export function judge(
  { left, comparison, right }: Expectation,
  valuesOf: (metric: string) => readonly number[],
): { readonly holds: boolean; readonly left: number | null; readonly right: number | null } {
  const [a, b] = [valueOf(left, valuesOf), valueOf(right, valuesOf)];
  const told = (value: number) => (Number.isFinite(value) ? value : null);
  const isThere = !Number.isNaN(a) && !Number.isNaN(b);
  return { holds: isThere && comparisons[comparison](a, b), left: told(a), right: told(b) };
}

function valueOf(one: Operand, valuesOf: (metric: string) => readonly number[]): number {
  if (one.kind === 'number') return one.value;
  const values = valuesOf(one.metric);
  if (values.length === 0) return NaN;
  const { mean, deviation, low, high, least, most } = estimate(values);
  return { mean, deviation, low, high, min: least, max: most, median: median(values) }[one.statistic];
}
