import { valuesOf as valuesOfCell, trialsOf } from '../results/summary.ts';
import type { SweepRecord } from '../results/sweep-record.ts';
import type { SweepResults, TrialResult } from '../results/sweep-results.ts';
import { estimate, type Estimate } from '../statistics/index.ts';

/** One combination with what its trials came to. */
export interface StudyCell {
  readonly index: number;
  /** In the order of the axes. */
  readonly labels: readonly string[];
  readonly title: string;
  readonly trials: readonly TrialResult[];
  /** What it is compared with; undefined where it is that itself, or where there is none. */
  readonly baseline: number | undefined;
}

export type StudyAxis = SweepRecord['axes'][number];

/** Results, looked at as a report needs them. */
export class Study {
  readonly results: SweepResults;
  readonly cells: readonly StudyCell[];
  /** Those that vary. */
  readonly axes: readonly StudyAxis[];

  constructor(results: SweepResults) {
    this.results = results;
    const { axes, cells, baseline } = results.record;
    this.axes = axes.filter(({ labels }) => labels.length > 1);
    const titleOf = (labels: readonly string[]) =>
      axes
        .flatMap(({ labels: all, name }, i) => (all.length > 1 ? [named(name, labels[i]!)] : []))
        .join(' · ') || 'the base';
    this.cells = cells.map(({ labels }, index) => {
      const wanted = labels.map((label, i) => baseline[axes[i]!.name] ?? label);
      const at = cells.findIndex((other) => other.labels.every((label, i) => label === wanted[i]));
      return {
        index,
        labels,
        title: titleOf(labels),
        trials: trialsOf(results, index),
        baseline: at === -1 || at === index ? undefined : at,
      };
    });
  }

  labelOf({ labels }: StudyCell, axis: StudyAxis): string {
    return labels[this.results.record.axes.indexOf(axis)]!;
  }

  values(cell: StudyCell, metric: string): number[] {
    return valuesOfCell(this.results, cell.index, metric);
  }

  estimate(cell: StudyCell, metric: string): Estimate | undefined {
    const values = this.values(cell, metric);
    return values.length === 0 ? undefined : estimate(values);
  }

  /** What it is in all trials that have it; undefined where they differ. */
  fact(cell: StudyCell, metric: string): number | undefined {
    const values = new Set(this.values(cell, metric));
    return values.size === 1 ? [...values][0] : undefined;
  }

  /** True where a figure is not the same in all trials. */
  varies(metric: string): boolean {
    return new Set(this.cells.flatMap((cell) => this.values(cell, metric))).size > 1;
  }

  /** The axis whose values set this key of the run file, or one below it. */
  axisOf(key: string): StudyAxis | undefined {
    const isIt = (name: string) => name === key || name.startsWith(`${key}.`);
    return this.axes.find(
      ({ name, isNamed, values }) =>
        (!isNamed && isIt(name)) ||
        (isNamed && values.some((value) => Object.keys(value as object).some((set) => isIt(set)))),
    );
  }

  /** Differences to the baseline, seed by seed: the same seed deals both the same data. */
  paired(cell: StudyCell, metric: string): number[] {
    if (cell.baseline === undefined) return [];
    const other = this.cells[cell.baseline]!.trials;
    return cell.trials.flatMap(({ seed, figures }) => {
      const own = figures.metrics[metric];
      const its = other.find((trial) => trial.seed === seed)?.figures.metrics[metric];
      return own === null || own === undefined || its === null || its === undefined ? [] : [own - its];
    });
  }

  /** `n = 5 seeds (1-5)` */
  get sizes(): string {
    const counts = [...new Set(this.cells.map(({ trials }) => trials.length))].sort((a, b) => a - b);
    const n = counts.length === 1 ? String(counts[0]) : `${counts[0]!} to ${counts.at(-1)!}`;
    return `n = ${n} ${n === '1' ? 'seed' : 'seeds'} (${seedsText(this.results.record.seeds)})`;
  }
}

/** A number alone says nothing of what it counts. */
const named = (axis: string, label: string): string =>
  /^-?[\d.]+( ?%)?$/.test(label) ? `${axis} ${label}` : label;

/** `1-5, 9` */
export function seedsText(seeds: readonly string[]): string {
  const parts: string[] = [];
  for (let i = 0; i < seeds.length;) {
    let to = i;
    while (to + 1 < seeds.length && Number(seeds[to + 1]) === Number(seeds[to]) + 1) to++;
    parts.push(to > i + 1 ? `${seeds[i]!}-${seeds[to]!}` : seeds.slice(i, to + 1).join(', '));
    i = to + 1;
  }
  return parts.join(', ');
}
