import type { RunPlan } from '#libs/experiment';
import type { ClassCount } from '#libs/learning';
import type { RoundRecord } from '#libs/simulation';
import { type Column, layOut } from '../text/columns.ts';
import { count, percent } from '../text/figures.ts';
import { line, type Line, span } from '../text/line.ts';

/** First and last label of a group. */
export type DigitGroup = readonly [from: number, to: number];

/** The groups of FLoBC, which a run has that names none. */
const flobcGroups: readonly DigitGroup[] = [
  [0, 3],
  [4, 6],
  [7, 9],
];

/** The groups by which a run's Trainers differ; null where they do not differ by groups of labels. */
export function digitGroupsOf({ data }: RunPlan): readonly DigitGroup[] | null {
  const { partition } = data;
  return partition.kind === 'digitRanges' ? (partition.parameters?.ranges ?? flobcGroups) : null;
}

/** Rounds 1, 11, 21 and so on, and the last: how models that know one group come to know all. */
export function isTold(round: number, maxRounds: number): boolean {
  return round % 10 === 0 || round === maxRounds - 1;
}

interface ModelRow {
  readonly name: string;
  readonly accuracy: number | null;
  readonly perClass: readonly ClassCount[];
}

/** Models beyond so many say nothing that these do not. */
const mostModels = 20;

/** For each local model and the merged one: its accuracy, and the share of its predictions that each group gets. */
export function digitGroupTable(
  record: RoundRecord,
  groups: readonly DigitGroup[],
  ellipsis: string,
): Line[] {
  const locals = record.locals ?? [];
  // Where nothing is merged, the record has a mean over the models, and nothing by class.
  const merged: ModelRow = { name: record.perClass.length > 0 ? 'merged' : 'mean', ...record };
  const rows: ModelRow[] = [...locals.slice(0, mostModels), merged];
  const columns: Column<ModelRow>[] = [
    { title: `round ${count(record.round + 1)}`, cell: ({ name }) => line(name) },
    {
      title: 'accuracy',
      align: 'right',
      cell: ({ accuracy }) => line(accuracy === null ? '-' : percent(accuracy)),
    },
    ...groups.map((group): Column<ModelRow> => ({
      title: `says ${group[0]}-${group[1]}`,
      align: 'right',
      cell: ({ perClass }) => line(shareText(perClass, group)),
    })),
  ];
  const { head, body } = layOut(columns, rows, { width: Infinity, ellipsis });
  const hidden = locals.length - mostModels;
  const rest = hidden > 0 ? [line(`and ${count(hidden)} more`, 'faint')] : [];
  return [head, ...body.slice(0, -1), ...rest, ...body.slice(-1)].map((of) => [span('  '), ...of]);
}

function shareText(perClass: readonly ClassCount[], [from, to]: DigitGroup): string {
  const sum = (classes: readonly ClassCount[]) =>
    classes.reduce((total, { predicted }) => total + predicted, 0);
  const all = sum(perClass);
  return all === 0 ? '-' : percent(sum(perClass.slice(from, to + 1)) / all, 1);
}
