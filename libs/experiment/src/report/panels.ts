import { seriesColour, seriesCount } from './palette.ts';
import { type Legend, textWidth } from './drawing.ts';
import type { Study, StudyAxis, StudyCell } from './study.ts';

/** How the combinations of a sweep are laid out in one figure: one axis in colours, at most two in panels, the others held still. */
export interface Layout {
  readonly series: StudyAxis | undefined;
  readonly across: StudyAxis | undefined;
  readonly down: StudyAxis | undefined;
  readonly cells: readonly StudyCell[];
  /** What was held still, in words; empty where nothing was. */
  readonly held: string;
}

export interface LayoutOptions {
  /** Axes that the figure shows otherwise, such as along x. */
  readonly taken?: readonly (StudyAxis | undefined)[];
  /** Axes that get a place before others do, and those that get one last. */
  readonly first?: readonly (StudyAxis | undefined)[];
  readonly last?: readonly (StudyAxis | undefined)[];
  /** The axis in colours; null: none of them. */
  readonly series?: StudyAxis | null | undefined;
  /** The label at which an axis is held that has no place; absent: that of the baseline. */
  readonly heldAt?: (axis: StudyAxis) => string | undefined;
}

/** More panels than these are too small to be read. */
const mostAcross = 4;
const mostDown = 6;

export function layOut(
  study: Study,
  { taken = [], first = [], last = [], series: wanted, heldAt }: LayoutOptions = {},
): Layout {
  const rank = (axis: StudyAxis) => (first.includes(axis) ? 0 : last.includes(axis) ? 2 : 1);
  const free = study.axes.filter((axis) => !taken.includes(axis)).sort((a, b) => rank(a) - rank(b));
  const fits = (axis: StudyAxis) => axis.labels.length <= seriesCount;
  const series = wanted === null ? undefined : (wanted ?? free.find(fits));
  const rest = free.filter((axis) => axis !== series);
  const across = [...rest]
    .sort((a, b) => rank(a) - rank(b) || a.labels.length - b.labels.length)
    .find(({ labels }) => labels.length <= mostAcross);
  const down = rest.filter((axis) => axis !== across).find(({ labels }) => labels.length <= mostDown);
  const still = rest.filter((axis) => axis !== across && axis !== down);
  const { baseline } = study.results.record;
  const held = still.map((axis) => [axis, heldAt?.(axis) ?? baseline[axis.name] ?? axis.labels[0]!] as const);
  const cells = study.cells.filter(
    (cell) => cell.trials.length > 0 && held.every(([axis, label]) => study.labelOf(cell, axis) === label),
  );
  const text = held.map(([{ name }, label]) => `${name} ${label}`).join(', ');
  return { series, across, down, cells, held: text === '' ? '' : `Shown for ${text}.` };
}

/** Where a cell is drawn: its colour's label and its panel. */
export interface Position {
  readonly series: string;
  readonly across: string;
  readonly down: string;
}

export const positionOf = (study: Study, { series, across, down }: Layout, cell: StudyCell): Position => ({
  series: series ? study.labelOf(cell, series) : 'all',
  across: across ? study.labelOf(cell, across) : '',
  down: down ? study.labelOf(cell, down) : '',
});

export const legendOf = ({ series }: Layout): Legend => ({
  title: series?.name ?? '',
  entries: (series?.labels ?? []).map((label, i) => ({ label, colour: seriesColour(i) })),
});

/** Plot's options for the colours and panels of a layout. */
export function scalesOf({ series, across, down }: Layout, panelHeight: number) {
  const labels = series?.labels ?? ['all'];
  const rows = down?.labels.length ?? 1;
  return {
    height: (rows === 1 ? panelHeight : rows * Math.max(150, panelHeight * 0.6)) + (across ? 24 : 0) + 40,
    marginTop: across ? 42 : 24,
    marginRight: down ? 44 + Math.max(...down.labels.map((label) => textWidth(label))) : 20,
    marginLeft: 52,
    marginBottom: 40,
    color: { type: 'ordinal' as const, domain: [...labels], range: labels.map((_, i) => seriesColour(i)) },
    ...(across ? { fx: { domain: [...across.labels], label: across.name, padding: 0.08 } } : {}),
    ...(down ? { fy: { domain: [...down.labels], label: down.name, padding: 0.12 } } : {}),
  };
}

/** Whole numbers along an axis of rounds, from the first one: few enough for panels side by side. */
export function roundTicks(rounds: number, { across }: Layout): number[] {
  const most = across === undefined ? 10 : Math.max(3, Math.floor(12 / across.labels.length));
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((size) => rounds / size <= most) ?? rounds;
  const multiples = Array.from({ length: Math.floor(rounds / step) }, (_, i) => (i + 1) * step);
  return step === 1 ? multiples : [1, ...multiples];
}

/** The channels that put a mark into its panel. */
export const panelOf = ({ across, down }: Layout): { fx?: 'across'; fy?: 'down' } => ({
  ...(across ? { fx: 'across' as const } : {}),
  ...(down ? { fy: 'down' as const } : {}),
});
