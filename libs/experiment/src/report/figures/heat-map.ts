import * as Plot from '@observablehq/plot';
import { draw } from '../drawing.ts';
import { dataOf, type FigureMaker, known } from '../figure.ts';
import { sequential } from '../palette.ts';

/** Best accuracy over numbers of Trainers and Validators, where both vary freely. */
export const heatMap: FigureMaker = (study) => {
  const points = study.cells.flatMap((cell) => {
    const found = study.estimate(cell, 'accuracy.best');
    const [trainers, validators] = [study.fact(cell, 'trainers'), study.fact(cell, 'validators')];
    if (!found || trainers === undefined || validators === undefined) return [];
    const { mean, low, n } = found;
    return [{ trainers, validators, best: 100 * mean, half: known(100 * (mean - low)), n }];
  });
  const columns = sorted(points.map(({ trainers }) => trainers));
  const rows = sorted(points.map(({ validators }) => validators));
  // One point a place: with a third axis, this is not the figure.
  const isMap =
    columns.length >= 3 && rows.length >= 3 && points.length >= 0.6 * columns.length * rows.length;
  if (!isMap || points.length > columns.length * rows.length) return [];
  const [least, most] = [
    Math.min(...points.map(({ best }) => best)),
    Math.max(...points.map(({ best }) => best)),
  ];
  const shareOf = (best: number) => (most === least ? 0.5 : (best - least) / (most - least));
  const isDark = ({ best }: { best: number }) => shareOf(best) > 0.45;
  const svg = draw({
    height: 90 + rows.length * 44,
    marginLeft: 60,
    marginBottom: 44,
    x: {
      type: 'band',
      domain: columns,
      label: 'Trainers',
      labelAnchor: 'center',
      labelArrow: 'none',
      padding: 0.04,
    },
    y: {
      type: 'band',
      domain: [...rows].reverse(),
      label: 'Validators',
      labelAnchor: 'center',
      labelArrow: 'none',
      padding: 0.04,
    },
    marks: [
      Plot.cell(points, {
        x: 'trainers',
        y: 'validators',
        fill: ({ best }: { best: number }) => sequential(shareOf(best)),
        rx: 3,
      }),
      Plot.text(points, {
        x: 'trainers',
        y: 'validators',
        dy: -5,
        fontSize: 12,
        text: ({ best }: { best: number }) => best.toFixed(1),
        fill: (d: { best: number }) => (isDark(d) ? '#fff' : '#1d2127'),
      }),
      Plot.text(points, {
        x: 'trainers',
        y: 'validators',
        dy: 9,
        fontSize: 9,
        text: ({ half }: { half: number | null }) => (half === null ? '' : `± ${half.toFixed(1)}`),
        fill: (d: { best: number }) => (isDark(d) ? '#fff' : '#1d2127'),
      }),
    ],
  });
  return [
    {
      id: 'best-accuracy-map',
      title: 'Best accuracy by numbers of Trainers and Validators',
      says: `Mean of the best test accuracy over seeds, in %, and below it half of its 95 % interval (Student). Colours from ${least.toFixed(1)} to ${most.toFixed(1)} %.`,
      svg,
      data: dataOf(points),
    },
  ];
};

const sorted = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);
