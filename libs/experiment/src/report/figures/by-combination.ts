import * as Plot from '@observablehq/plot';
import { metricInfo } from '../../results/catalogue.ts';
import { draw, textWidth } from '../drawing.ts';
import { dataOf, type Figure, type FigureMaker, known } from '../figure.ts';
import { colour, seriesColour } from '../palette.ts';
import { heatMap } from './heat-map.ts';
import type { Study } from '../study.ts';

/** A point with its interval for each combination, and the trials behind it. */
export interface DotsOptions extends Pick<Figure, 'id' | 'title' | 'says'> {
  readonly metric: string;
  readonly label: string;
  readonly percent?: boolean;
  readonly scale?: number;
  /** The axis begins at nothing. */
  readonly fromZero?: boolean;
  /** Seeds that have no value are told beside the point. */
  readonly told?: (n: number, of: number) => string | null;
}

/** More combinations are for tables. */
const mostRows = 60;

export function dots(
  study: Study,
  { metric, label, percent = false, scale = 1, fromZero = false, told, ...named }: DotsOptions,
): Figure[] {
  const factor = percent ? 100 : scale;
  const cells = study.cells.filter(({ trials }) => trials.length > 0);
  const rows = cells.flatMap((cell) => {
    const found = study.estimate(cell, metric);
    const note = told?.(found?.n ?? 0, cell.trials.length) ?? null;
    if (!found && note === null) return [];
    const { mean = NaN, low = NaN, high = NaN, n = 0 } = found ?? {};
    const group = study.axes[0] ? study.labelOf(cell, study.axes[0]) : '';
    return [
      {
        title: cell.title,
        group,
        mean: known(mean * factor),
        low: known(low * factor),
        high: known(high * factor),
        n,
        note,
      },
    ];
  });
  if (rows.length < 2 || rows.length > mostRows || rows.every(({ mean }) => mean === null)) return [];
  const single = cells.flatMap((cell) =>
    study.values(cell, metric).map((value) => ({ title: cell.title, value: value * factor })),
  );
  const groups = study.axes[0]?.labels ?? [''];
  const marginLeft = Math.min(300, 20 + Math.max(...rows.map(({ title }) => textWidth(title))));
  const xs = rows
    .flatMap(({ low, high, mean }) => [low ?? mean, high ?? mean])
    .filter((value) => value !== null);
  const [least, most] = [
    Math.min(...xs, ...single.map(({ value }) => value)),
    Math.max(...xs, ...single.map(({ value }) => value)),
  ];
  const room = Math.max((most - least) * 0.06, Math.abs(most) * 1e-3, 1e-9);
  const svg = draw({
    height: 60 + rows.length * 24,
    marginLeft,
    marginRight: rows.some(({ note }) => note !== null) ? 90 : 20,
    marginBottom: 40,
    marginTop: 10,
    x: {
      label,
      grid: true,
      labelAnchor: 'center',
      labelArrow: 'none',
      domain: [fromZero ? 0 : least - room, most + room],
    },
    y: { domain: rows.map(({ title }) => title), label: null, tickSize: 0 },
    color: { type: 'ordinal', domain: [...groups], range: groups.map((_, i) => seriesColour(i)) },
    marks: [
      Plot.frame({ stroke: colour('line') }),
      Plot.dot(single, { x: 'value', y: 'title', r: 2, dy: 7, fill: colour('faint'), fillOpacity: 0.7 }),
      Plot.ruleY(
        rows.filter(({ low }) => low !== null),
        { x1: 'low', x2: 'high', y: 'title', stroke: 'group', strokeWidth: 2.2, clip: true },
      ),
      Plot.dot(
        rows.filter(({ mean }) => mean !== null),
        { x: 'mean', y: 'title', r: 4.2, fill: 'group' },
      ),
      Plot.text(
        rows.filter(({ note }) => note !== null),
        { y: 'title', text: 'note', frameAnchor: 'right', dx: 84, textAnchor: 'end', fill: colour('faint') },
      ),
    ],
  });
  return [{ ...named, svg, data: dataOf(rows.map(({ group: _group, ...row }) => row)) }];
}

const pointsNote =
  'Large points are means over seeds with their 95 % interval (Student), small ones the seeds.';

/** The best accuracy of each combination. */
export const bestAccuracy: FigureMaker = (study) =>
  // A map of the same says it better.
  study.varies('accuracy.best') && heatMap(study).length === 0
    ? dots(study, {
        id: 'best-accuracy',
        title: 'Best accuracy',
        metric: 'accuracy.best',
        label: 'best test accuracy after any round, %',
        percent: true,
        says: pointsNote,
      })
    : [];

/** Whether a backdoor or flipped labels got into the model, where somebody tried. */
export const attackSuccess: FigureMaker = (study) =>
  study.varies('attack.success')
    ? dots(study, {
        id: 'attack-success',
        title: 'Success of attacks',
        metric: 'attack.success',
        label: 'examples taken for what the attacker wants, %',
        percent: true,
        fromZero: true,
        says: `${pointsNote} Of the examples with a backdoor's patch, or of those whose label is flipped; with the newest model, at the end.`,
      })
    : [];

/** Virtual time to an accuracy that most have come to, where something is varied that changes time. */
export const timeToAccuracy: FigureMaker = (study) => {
  const isAboutTime = ['scheme', 'network', 'trainers.groups', 'trainers.speed', 'windows'].some((key) =>
    study.axisOf(key),
  );
  if (!isAboutTime) return [];
  const all = study.results.trials.length;
  const level = [97, 95, 90, 80].find((percent) => {
    const reached = study.cells.reduce((sum, cell) => sum + study.values(cell, `reach.${percent}`).length, 0);
    return reached >= all / 2;
  });
  if (level === undefined) return [];
  return dots(study, {
    id: 'time-to-accuracy',
    title: `Time to ${level} % accuracy`,
    metric: `reach.${level}`,
    label: `virtual seconds until the end of the first round with ${level} %`,
    told: (n, of) => (n < of ? `${n} of ${of}` : null),
    says: `${pointsNote} The highest of 80, 90, 95 and 97 % that at least half of the trials came to; where not all did, the number stands at the right, and the mean is of those.`,
  });
};

/** Gas and bytes of a round by combination, where the numbers of actors vary. */
export const costs: FigureMaker = (study) => {
  if (!study.varies('trainers') && !study.varies('validators')) return [];
  const figure = (metric: string, id: string, what: string, scale: number) => {
    const of = (name: string) => study.varies(name);
    const points = study.cells.flatMap((cell) => {
      const found = study.estimate(cell, metric);
      const [trainers, validators] = [study.fact(cell, 'trainers'), study.fact(cell, 'validators')];
      if (!found || trainers === undefined || validators === undefined) return [];
      return [
        {
          trainers,
          validators,
          title: `${trainers}T ${validators}V`,
          mean: found.mean * scale,
          low: known(found.low * scale),
          high: known(found.high * scale),
          n: found.n,
        },
      ];
    });
    const isGrid =
      new Set(points.map(({ validators }) => validators)).size > 1 &&
      new Set(points.map(({ trainers }) => trainers)).size > 1 &&
      points.length > 2 * new Set(points.map(({ validators }) => validators)).size - 1;
    if (!isGrid || !of('trainers'))
      return dots(study, {
        id,
        title: what,
        metric,
        scale,
        label: `${what.toLowerCase()}, ${metricInfo(metric)!.unit === 'gas' ? 'thousands' : 'MB'}`,
        fromZero: true,
        says: pointsNote,
      });
    const domain = [...new Set(points.map(({ validators }) => validators))].sort((a, b) => a - b);
    const svg = draw(
      {
        height: 320,
        marginLeft: 60,
        marginBottom: 40,
        x: {
          label: 'Trainers',
          labelAnchor: 'center',
          labelArrow: 'none',
          ticks: [...new Set(points.map(({ trainers }) => trainers))],
          tickFormat: String,
          inset: 10,
        },
        y: {
          label: `${what.toLowerCase()}, ${metricInfo(metric)!.unit === 'gas' ? 'thousands' : 'MB'}`,
          grid: true,
          labelArrow: 'none',
          zero: true,
        },
        color: { type: 'ordinal', domain, range: domain.map((_, i) => seriesColour(i)) },
        marks: [
          Plot.frame({ stroke: colour('line') }),
          Plot.ruleX(
            points.filter(({ low }) => low !== null),
            { x: 'trainers', y1: 'low', y2: 'high', stroke: 'validators', strokeWidth: 1.5 },
          ),
          Plot.lineY(points, {
            x: 'trainers',
            y: 'mean',
            stroke: 'validators',
            sort: 'trainers',
            strokeWidth: 1.6,
          }),
          Plot.dot(points, { x: 'trainers', y: 'mean', fill: 'validators', r: 3.2 }),
        ],
      },
      { title: 'Validators', entries: domain.map((v, i) => ({ label: String(v), colour: seriesColour(i) })) },
    );
    return [
      {
        id,
        title: what,
        says: 'Means over seeds with their 95 % interval (Student).',
        svg,
        data: dataOf(points),
      },
    ];
  };
  return [
    ...figure('gas.round', 'gas', 'Gas of a round', 1e-3),
    ...figure('bytes.round', 'bytes', 'Bytes of a round', 1e-6),
  ];
};
