import * as Plot from '@observablehq/plot';
import { draw, textWidth } from '../drawing.ts';
import { dataOf, type Figure, type FigureMaker, known } from '../figure.ts';
import { colour, seriesColour } from '../palette.ts';
import { layOut, legendOf, panelOf, positionOf, scalesOf } from '../panels.ts';
import type { Study, StudyAxis } from '../study.ts';

/** Accuracy, and tokens lost to penalties, against the share of Trainers or of Validators that is hostile. */
export const hostileShare: FigureMaker = (study) =>
  (['trainers', 'validators'] as const).flatMap((role) => {
    const axis = shareAxis(study, role);
    if (axis === undefined) return [];
    const noun = role === 'trainers' ? 'Trainers' : 'Validators';
    return [
      ...againstShare(study, role, axis, {
        id: `accuracy-by-hostile-${role}`,
        title: `Accuracy by the share of hostile ${noun}`,
        metric: 'accuracy.final',
        label: 'test accuracy at the end, %',
        factor: 100,
      }),
      ...againstShare(study, role, axis, {
        id: `penalties-by-hostile-${role}`,
        title: `Tokens that hostile actors lost, by the share of hostile ${noun}`,
        metric: 'penalty.hostile',
        label: 'penalties, tokens, all together',
        factor: 1,
      }),
      ...againstShare(study, role, axis, {
        id: `honest-penalties-by-hostile-${role}`,
        title: `Tokens that honest actors lost, by the share of hostile ${noun}`,
        metric: 'penalty.honest',
        label: 'penalties, tokens, all together',
        factor: 1,
      }),
    ];
  });

/** The axis along which only the share of hostile actors grows. */
export function shareAxis(study: Study, role: 'trainers' | 'validators'): StudyAxis | undefined {
  return study.axes.find((axis) => {
    const shares = axis.labels.map((label) => {
      const cells = study.cells.filter((cell) => study.labelOf(cell, axis) === label);
      const found = cells.flatMap((cell) => {
        const [all, hostile] = [study.fact(cell, role), study.fact(cell, `${role}.hostile`)];
        return all === undefined || hostile === undefined ? [] : [hostile / all];
      });
      return new Set(found).size === 1 ? found[0]! : NaN;
    });
    return axis.labels.length > 1 && shares.every((share, i) => i === 0 || share > shares[i - 1]!);
  });
}

function againstShare(
  study: Study,
  role: 'trainers' | 'validators',
  axis: StudyAxis,
  {
    id,
    title,
    metric,
    label,
    factor,
  }: Pick<Figure, 'id' | 'title'> & {
    readonly metric: string;
    readonly label: string;
    readonly factor: number;
  },
): Figure[] {
  if (!study.varies(metric)) return [];
  const policy = study.axisOf('policy');
  const layout = layOut(study, { taken: [axis], series: policy === axis ? undefined : policy });
  const points = layout.cells.flatMap((cell) => {
    const found = study.estimate(cell, metric);
    const [all, hostile] = [study.fact(cell, role), study.fact(cell, `${role}.hostile`)];
    if (!found || all === undefined || hostile === undefined) return [];
    const { mean, low, high, n } = found;
    return [
      {
        ...positionOf(study, layout, cell),
        share: (100 * hostile) / all,
        mean: mean * factor,
        low: known(low * factor),
        high: known(high * factor),
        n,
      },
    ];
  });
  if (points.length < 2) return [];
  const panel = panelOf(layout);
  const shares = [...new Set(points.map(({ share }) => share))].sort((a, b) => a - b);
  const svg = draw(
    {
      ...scalesOf(layout, 300),
      x: {
        label: `share of the ${role === 'trainers' ? 'Trainers' : 'Validators'} that are hostile, %`,
        labelAnchor: 'center',
        labelArrow: 'none',
        ticks: shares,
        tickFormat: (share: number) => share.toFixed(0),
        inset: 12,
      },
      y: { label, grid: true, labelArrow: 'none', nice: true },
      marks: [
        Plot.frame({ stroke: colour('line') }),
        Plot.ruleX(
          points.filter(({ low }) => low !== null),
          { x: 'share', y1: 'low', y2: 'high', stroke: 'series', strokeWidth: 1.5, clip: true, ...panel },
        ),
        Plot.lineY(points, {
          x: 'share',
          y: 'mean',
          z: 'series',
          stroke: 'series',
          strokeWidth: 1.8,
          sort: 'share',
          ...panel,
        }),
        Plot.dot(points, { x: 'share', y: 'mean', fill: 'series', r: 3.4, ...panel }),
      ],
    },
    legendOf(layout),
  );
  const says = ['Points are means over seeds, bars their 95 % intervals (Student).', layout.held];
  return [{ id, title, says: says.filter(Boolean).join(' '), svg, data: dataOf(points) }];
}

/** Does cheating pay? What an actor of each hostile behaviour has more than an honest one in the same run. */
export const advantage: FigureMaker = (study) => {
  const names = [
    ...new Set(
      study.results.trials.flatMap(({ figures }) =>
        Object.entries(figures.metrics).flatMap(([name, value]) =>
          name.startsWith('advantage.') && value !== null ? [name] : [],
        ),
      ),
    ),
  ];
  if (names.length === 0 || study.cells.length > 120) return [];
  const policy = study.axisOf('policy');
  const policies = policy?.labels ?? [''];
  const rows = study.cells.flatMap((cell) =>
    names.flatMap((name) => {
      const found = study.estimate(cell, name);
      if (!found) return [];
      const [, role, behaviour] = name.split('.') as [string, string, string];
      const rest = study.axes.filter((axis) => axis !== policy).map((axis) => study.labelOf(cell, axis));
      const what = `${role === 'trainer' ? 'Trainer' : 'Validator'}: ${behaviour}`;
      // An axis that only names the behaviour says nothing that is not said.
      const places = rest.filter(
        (label) => label.replaceAll(' ', '').toLowerCase() !== behaviour.toLowerCase(),
      );
      return [
        {
          row: [what, ...places].join(' · '),
          policy: policy ? study.labelOf(cell, policy) : '',
          mean: found.mean,
          low: known(found.low),
          high: known(found.high),
          n: found.n,
        },
      ];
    }),
  );
  if (rows.length === 0) return [];
  const order = [...new Set(rows.map(({ row }) => row))].sort();
  const legend = policy
    ? { title: policy.name, entries: policies.map((label, i) => ({ label, colour: seriesColour(i) })) }
    : undefined;
  const inset = (i: number) => (policies.length === 1 ? 0 : (i - (policies.length - 1) / 2) * 6);
  const marks = policies.flatMap((label, i) => {
    const own = rows.filter((row) => row.policy === label);
    return [
      Plot.ruleY(
        own.filter(({ low }) => low !== null),
        { x1: 'low', x2: 'high', y: 'row', dy: inset(i), stroke: seriesColour(i), strokeWidth: 2 },
      ),
      Plot.dot(own, { x: 'mean', y: 'row', dy: inset(i), r: 3.6, fill: seriesColour(i) }),
    ];
  });
  const svg = draw(
    {
      height: 60 + order.length * Math.max(22, 8 + policies.length * 6),
      marginLeft: Math.min(380, 20 + Math.max(...order.map((row) => textWidth(row)))),
      marginBottom: 40,
      marginTop: 10,
      x: {
        label: 'tokens more than an honest actor: above 0, cheating pays',
        labelAnchor: 'center',
        labelArrow: 'none',
        grid: true,
        nice: true,
        inset: 8,
      },
      y: { domain: order, label: null, tickSize: 0 },
      marks: [
        Plot.frame({ stroke: colour('line') }),
        Plot.ruleX([0], { stroke: colour('ink'), strokeWidth: 1.2 }),
        ...marks,
      ],
    },
    legend,
  );
  return [
    {
      id: 'advantage',
      title: 'Does cheating pay?',
      says: 'Mean over seeds, with its 95 % interval (Student), of the profit of an actor with this behaviour less that of an honest one of the same role in the same run.',
      svg,
      data: dataOf(rows),
    },
  ];
};
