import { metricInfo } from '../results/catalogue.ts';
import { hedgesG, mean, studentInterval } from '../statistics/index.ts';
import { unitOf, withInterval } from './numbers.ts';
import type { Study, StudyCell } from './study.ts';

export interface Table {
  readonly id: string;
  readonly title: string;
  readonly says: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns with words; the others are numbers. */
  readonly words: number;
}

/** Figures that have a table with comparisons, where they are not the same everywhere. */
const compared = [
  'accuracy.final',
  'accuracy.best',
  'accuracy.best_round',
  'attack.success',
  'reach.90',
  'reach.95',
  'virtual_s',
];
/** Those that are shown beside each other. */
const judged = [
  'verdict.precision',
  'verdict.recall',
  'verdict.false_refusals',
  'honest.punished',
  'penalty.honest',
  'penalty.hostile',
  'trust.honest',
  'trust.hostile',
  'trust.strength_5',
];
const spent = [
  'gini.trainers',
  'gini.validators',
  'rounds.void',
  'staleness.mean',
  'gas.round',
  'bytes.round',
];

export function tablesOf(study: Study): Table[] {
  const profits = metricsOf(study).filter(
    (name) => name.startsWith('profit.') || name.startsWith('advantage.'),
  );
  return [
    ...compared.filter((metric) => study.varies(metric)).map((metric) => comparison(study, metric)),
    ...beside(study, 'judgement', 'Verdicts, penalties and trust', judged),
    ...beside(study, 'money', 'Profit of each behaviour', profits),
    ...beside(study, 'costs', 'Costs and distribution', spent),
    ...gasTable(study),
  ];
}

const metricsOf = (study: Study): string[] => [
  ...new Set(study.results.trials.flatMap(({ figures }) => Object.keys(figures.metrics))),
];

const shown = (study: Study): StudyCell[] => study.cells.filter(({ trials }) => trials.length > 0);

/** Cells with a figure, and those that are compared with one: not the dashes of a sweep in which it means something for a few only. */
function having(study: Study, metric: string): StudyCell[] {
  const groupOf = (cell: StudyCell): number => cell.baseline ?? study.cells.indexOf(cell);
  const groups = new Set(
    study.cells.filter((cell) => study.values(cell, metric).length > 0).map((cell) => groupOf(cell)),
  );
  return shown(study).filter((cell) => groups.has(groupOf(cell)));
}

/** A figure by combination, with what it differs by from the baseline and how much that is. */
function comparison(study: Study, metric: string): Table {
  const unit = unitOf(metric);
  const rows = having(study, metric).map((cell) => {
    const values = study.values(cell, metric);
    const own = withInterval(metric, mean(values), studentInterval(values), values.length);
    return [cell.title, own, String(values.length), ...differenceOf(study, cell, metric, values)];
  });
  return {
    id: metric.replaceAll(/[._]/g, '-'),
    title: `${metric}${unit === '' ? '' : `, ${unit}`}`,
    says: `${sentence(metricInfo(metric)?.says ?? '')} Mean over seeds ± half of its 95 % interval; the difference from the baseline is taken seed by seed, with its own interval; g is Hedges' g.`,
    head: ['combination', 'mean', 'n', 'difference', 'g'],
    rows,
    words: 1,
  };
}

function differenceOf(
  study: Study,
  cell: StudyCell,
  metric: string,
  values: readonly number[],
): [string, string] {
  if (cell.baseline === undefined) return ['baseline', ''];
  const differences = study.paired(cell, metric);
  const text = withInterval(
    metric,
    mean(differences),
    studentInterval(differences),
    differences.length,
    true,
  );
  const g = hedgesG(values, study.values(study.cells[cell.baseline]!, metric));
  return [text, effectText(g)];
}

/** Where hardly anything varies, an effect has any size; beyond this it says only that it is certain. */
function effectText(g: number): string {
  if (!Number.isFinite(g)) return '-';
  if (Math.abs(g) > 100) return g > 0 ? '> 100' : '< -100';
  return `${g > 0 ? '+' : ''}${g.toFixed(2)}`;
}

const sentence = (text: string): string => (text === '' ? '' : `${text[0]!.toUpperCase()}${text.slice(1)}.`);

/** Several figures by combination, those that are nothing everywhere left out. */
function beside(study: Study, id: string, title: string, metrics: readonly string[]): Table[] {
  const there = metrics.filter((metric) =>
    study.cells.some((cell) => study.values(cell, metric).some((value) => value !== 0)),
  );
  if (there.length === 0) return [];
  const rows = shown(study).map((cell) => [
    cell.title,
    ...there.map((metric) => {
      const values = study.values(cell, metric);
      return withInterval(metric, mean(values), studentInterval(values), values.length);
    }),
  ]);
  const head = [
    'combination',
    ...there.map((metric) => `${metric}${unitOf(metric) === '' ? '' : `, ${unitOf(metric)}`}`),
  ];
  const says =
    'Means over seeds ± half of their 95 % interval; a dash: no trial has it. docs/sweeps.md says what each is.';
  return [{ id, title, says, head, rows, words: 1 }];
}

/** What gas goes to, over all trials of a combination. */
function gasTable(study: Study): Table[] {
  const operations = metricsOf(study).filter(
    (name) => name.startsWith('gas.') && !['gas.round', 'gas.total'].includes(name),
  );
  const repeated = operations.filter(
    (name) => !['gas.deploy', 'gas.mint', 'gas.approve', 'gas.fund'].includes(name),
  );
  if (repeated.length === 0) return [];
  const rows = shown(study).map((cell) => [
    cell.title,
    ...repeated.map((metric) => {
      const values = study.values(cell, metric);
      return withInterval(metric, mean(values), studentInterval(values), values.length);
    }),
  ]);
  return [
    {
      id: 'gas',
      title: 'Gas by operation, thousands a run',
      says: 'Means over seeds ± half of their 95 % interval, of all transactions of a run with this operation; without what is done once to set the contracts up.',
      head: ['combination', ...repeated.map((name) => name.slice(4))],
      rows,
      words: 1,
    },
  ];
}
