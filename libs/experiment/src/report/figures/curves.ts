import * as Plot from '@observablehq/plot';
import { estimate } from '../../statistics/index.ts';
import { draw } from '../drawing.ts';
import { dataOf, type Figure, type FigureMaker, intervalNote, known } from '../figure.ts';
import { colour } from '../palette.ts';
import {
  type Layout,
  layOut,
  legendOf,
  panelOf,
  type Position,
  positionOf,
  roundTicks,
  scalesOf,
} from '../panels.ts';
import type { Study, StudyCell } from '../study.ts';

interface Point extends Position {
  readonly x: number;
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
}

/** Accuracy after every round. */
export const accuracyByRound: FigureMaker = (study) => {
  const layout = layOut(study);
  const points = layout.cells.flatMap((cell) => {
    const rounds = Math.max(...cell.trials.map(({ figures }) => figures.rounds.length));
    return Array.from({ length: rounds }, (_, i) =>
      pointOf(
        study,
        layout,
        cell,
        i + 1,
        cell.trials.map(({ figures }) => figures.rounds[i]?.accuracy),
      ),
    ).flat();
  });
  return curves(layout, points, {
    id: 'accuracy-by-round',
    title: 'Accuracy by rounds',
    x: { label: 'round' },
    says: 'Test accuracy of the newest model after each round.',
  });
};

/** Instants at which accuracies are looked up. */
const instants = 160;

/** Accuracy at every instant of virtual time: what schemes and speeds change, and rounds do not show. */
export const accuracyByTime: FigureMaker = (study) => {
  if (!study.varies('virtual_s')) return [];
  const layout = layOut(study);
  const longest = Math.max(...layout.cells.flatMap(({ trials }) => trials.map(endOf)));
  const unit =
    longest > 7200
      ? { seconds: 3600, label: 'hours' }
      : longest > 120
        ? { seconds: 60, label: 'minutes' }
        : { seconds: 1, label: 'seconds' };
  const points = layout.cells.flatMap((cell) => {
    // Up to where all of its trials go: a mean of fewer would be one of others.
    const end = Math.min(...cell.trials.map(endOf));
    return Array.from({ length: instants + 1 }, (_, i) => (i * end) / instants).flatMap((seconds) => {
      const values = cell.trials.map(
        ({ figures }) =>
          figures.rounds.findLast((round) => round.accuracy !== null && round.seconds <= seconds)?.accuracy,
      );
      // Before the first release of some of them there is no mean.
      return values.includes(undefined) ? [] : pointOf(study, layout, cell, seconds / unit.seconds, values);
    });
  });
  return curves(layout, points, {
    id: 'accuracy-by-time',
    title: 'Accuracy by time',
    x: { label: `virtual time, ${unit.label}` },
    says: 'Test accuracy of the newest model at each instant of virtual time.',
  });
};

const endOf = ({ figures }: StudyCell['trials'][number]): number => figures.rounds.at(-1)?.seconds ?? 0;

function pointOf(
  study: Study,
  layout: Layout,
  cell: StudyCell,
  x: number,
  given: readonly (number | null | undefined)[],
): Point[] {
  const values = given.filter((value) => typeof value === 'number');
  if (values.length === 0) return [];
  const { mean, low, high, n } = estimate(values);
  return [{ ...positionOf(study, layout, cell), x, mean, low: known(low), high: known(high), n }];
}

function curves(
  layout: Layout,
  points: readonly Point[],
  { x, says, ...named }: Pick<Figure, 'id' | 'title' | 'says'> & { readonly x: { readonly label: string } },
): Figure[] {
  if (points.length === 0 || new Set(points.map((point) => point.x)).size < 2) return [];
  const panel = panelOf(layout);
  const banded = points.filter(({ low }) => low !== null);
  const least = Math.min(...points.map(({ mean }) => mean));
  const isByRound = x.label === 'round';
  const longest = Math.max(...points.map((point) => point.x));
  const most = Math.max(...points.map(({ mean, high }) => high ?? mean));
  const svg = draw(
    {
      ...scalesOf(layout, 320),
      x: {
        ...x,
        domain: [isByRound ? 1 : 0, longest],
        labelAnchor: 'center',
        labelArrow: 'none',
        ...(isByRound ? { tickFormat: 'd' } : {}),
        ticks: isByRound ? roundTicks(longest, layout) : 5,
      },
      y: {
        label: 'test accuracy, %',
        percent: true,
        grid: true,
        labelArrow: 'none',
        domain: [Math.max(0, 100 * least - 3), Math.min(100, 100 * most + 3)],
      },
      marks: [
        Plot.frame({ stroke: colour('line') }),
        // An interval of two seeds may be wider than all that there is.
        Plot.areaY(banded, {
          clip: true,
          ...(isByRound ? {} : { curve: 'step-after' as const }),
          x: 'x',
          y1: 'low',
          y2: 'high',
          fill: 'series',
          fillOpacity: 0.16,
          z: 'series',
          ...panel,
        }),
        Plot.lineY(points, {
          clip: true,
          ...(isByRound ? {} : { curve: 'step-after' as const }),
          x: 'x',
          y: 'mean',
          stroke: 'series',
          strokeWidth: 1.8,
          z: 'series',
          ...panel,
        }),
      ],
    },
    legendOf(layout),
  );
  return [
    {
      ...named,
      says: [says, intervalNote, layout.held].filter(Boolean).join(' '),
      svg,
      data: dataOf(points.map((point) => ({ ...point }))),
    },
  ];
}
