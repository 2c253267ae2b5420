import { metricInfo } from '../results/catalogue.ts';
import type { SweepResults } from '../results/sweep-results.ts';
import { hedgesG, mean, studentInterval } from '../statistics/index.ts';
import { unitOf, withInterval, written } from './numbers.ts';
import { Study, type StudyCell } from './study.ts';

/** One figure of one combination in two folders. */
export interface Difference {
  readonly combination: string;
  readonly metric: string;
  readonly a: string;
  readonly b: string;
  /** b less a, seed by seed where both have the seed, with half of its 95 % interval. */
  readonly difference: number;
  readonly half: number;
  readonly g: number;
  readonly text: string;
  /** The interval does not hold zero. */
  readonly isTold: boolean;
  readonly isBetter: boolean | null;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  /** Combinations that only one of them has. */
  readonly onlyA: readonly string[];
  readonly onlyB: readonly string[];
  /** Trials that are the same run in both: same plan, same seed. */
  readonly sameTrials: number;
}

const figures = [
  'accuracy.final',
  'accuracy.best',
  'virtual_s',
  'verdict.recall',
  'verdict.false_refusals',
  'honest.punished',
  'gas.round',
  'bytes.round',
];

/** Two sweeps by the combinations that both have, such as before and after a change. */
export function compareSweeps(
  a: SweepResults,
  b: SweepResults,
  metrics: readonly string[] = figures,
): Comparison {
  const [studyA, studyB] = [new Study(a), new Study(b)];
  const keyOf = (study: Study, cell: StudyCell) =>
    study.results.record.axes
      .map(({ name }, i) => `${name} ${cell.labels[i]!}`)
      .sort()
      .join(', ') || 'the base';
  const cellsB = new Map(studyB.cells.map((cell) => [keyOf(studyB, cell), cell]));
  const cellsA = new Map(studyA.cells.map((cell) => [keyOf(studyA, cell), cell]));
  const both = [...cellsA].filter(([key]) => cellsB.has(key));
  const idsB = new Set(b.trials.map(({ id }) => id));
  return {
    differences: both.flatMap(([key, cell]) =>
      metrics.flatMap((metric) => differenceOf(key, metric, cell, cellsB.get(key)!)),
    ),
    onlyA: [...cellsA.keys()].filter((key) => !cellsB.has(key)),
    onlyB: [...cellsB.keys()].filter((key) => !cellsA.has(key)),
    sameTrials: a.trials.filter(({ id }) => idsB.has(id)).length,
  };
}

function differenceOf(combination: string, metric: string, a: StudyCell, b: StudyCell): Difference[] {
  const of = ({ trials }: StudyCell) =>
    new Map(
      trials.flatMap(({ seed, figures: { metrics } }) => {
        const value = metrics[metric];
        return value === null || value === undefined ? [] : [[seed, value] as const];
      }),
    );
  const [own, its] = [of(a), of(b)];
  if (own.size === 0 || its.size === 0) return [];
  const [valuesA, valuesB] = [[...own.values()], [...its.values()]];
  const paired = [...its].flatMap(([seed, value]) => (own.has(seed) ? [value - own.get(seed)!] : []));
  const difference = paired.length > 0 ? mean(paired) : mean(valuesB) - mean(valuesA);
  const half = studentInterval(paired);
  const inWords = (values: readonly number[]) =>
    withInterval(metric, mean(values), studentInterval(values), values.length);
  const isTold = Math.abs(difference) > half;
  const better = metricInfo(metric)?.better;
  return [
    {
      combination,
      metric: `${metric}${unitOf(metric) === '' ? '' : `, ${unitOf(metric)}`}`,
      a: inWords(valuesA),
      b: inWords(valuesB),
      difference,
      half,
      g: hedgesG(valuesB, valuesA),
      text: `${written(metric, difference, true)}${Number.isFinite(half) ? ` ± ${written(metric, half)}` : ''}`,
      isTold,
      isBetter: !isTold || better === undefined ? null : difference > 0 === (better === 'more'),
    },
  ];
}
