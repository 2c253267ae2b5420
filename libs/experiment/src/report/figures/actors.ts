import * as Plot from '@observablehq/plot';
import type { ActorFigures } from '../../results/figures.ts';
import { estimate } from '../../statistics/index.ts';
import { draw } from '../drawing.ts';
import { dataOf, type Figure, type FigureMaker, known } from '../figure.ts';
import { colour, seriesColour } from '../palette.ts';
import { type Layout, layOut, panelOf, positionOf, roundTicks, scalesOf } from '../panels.ts';
import type { Study, StudyAxis } from '../study.ts';
import { shareAxis } from './hostile.ts';

/** What a Trainer is called in figures: its behaviour, and its strength where that varies. */
function kindsOf(study: Study): (actor: ActorFigures) => string {
  const strengths = new Map<string, Set<number>>();
  for (const { figures } of study.results.trials)
    for (const { behaviour, strength } of figures.actors)
      strengths.set(behaviour, (strengths.get(behaviour) ?? new Set()).add(strength));
  return ({ behaviour, strength }) =>
    behaviour !== 'honest' && strengths.get(behaviour)!.size > 1 ? `${behaviour} ${strength}` : behaviour;
}

/** Trust and balance of every Trainer over the rounds, in the colour of its behaviour. */
export const trustAndBalance: FigureMaker = (study) => {
  const isHostile = study.results.trials.some(({ figures }) =>
    figures.actors.some((actor) => actor.role === 'trainer' && actor.behaviour !== 'honest'),
  );
  const isPaid = study.results.trials.some(({ figures }) =>
    figures.actors.some(({ reward }) => (reward.at(-1) ?? 0) > 0),
  );
  if (!isHostile || !isPaid) return [];
  // All of them are shown at the most hostile place: there is most to be seen.
  const layout = layOut(study, {
    series: null,
    first: [study.axisOf('policy')],
    last: [shareAxis(study, 'trainers')],
    heldAt: (axis) => mostHostile(study, axis),
  });
  const trust = lines(study, layout, ({ trust: all }, i) => all[i] ?? null, {
    id: 'trust',
    title: "Trainers' trust over the rounds",
    label: 'trust',
  });
  const balance = lines(study, layout, ({ reward, penalty }, i) => (reward[i] ?? 0) - (penalty[i] ?? 0), {
    id: 'balance',
    title: "Trainers' balance over the rounds",
    label: 'rewards less penalties, tokens',
  });
  return [...trust, ...balance];
};

function mostHostile(study: Study, axis: StudyAxis): string | undefined {
  const hostileAt = (label: string) =>
    Math.max(
      0,
      ...study.cells
        .filter((cell) => study.labelOf(cell, axis) === label)
        .flatMap((cell) => study.values(cell, 'trainers.hostile')),
    );
  const most = Math.max(...axis.labels.map(hostileAt));
  const least = Math.min(...axis.labels.map(hostileAt));
  return most === least ? undefined : axis.labels.find((label) => hostileAt(label) === most);
}

function lines(
  study: Study,
  layout: Layout,
  valueOf: (actor: ActorFigures, round: number) => number | null,
  { id, title, label }: { readonly id: string; readonly title: string; readonly label: string },
): Figure[] {
  const kindOf = kindsOf(study);
  const single: { x: number; y: number; z: string; kind: string; across: string; down: string }[] = [];
  const means: {
    x: number;
    kind: string;
    mean: number;
    low: number | null;
    high: number | null;
    n: number;
    across: string;
    down: string;
  }[] = [];
  for (const cell of layout.cells) {
    const { across, down } = positionOf(study, layout, cell);
    const bySeed = cell.trials.map(({ seed, figures }) => {
      const trainers = figures.actors.filter(({ role }) => role === 'trainer');
      for (const actor of trainers)
        for (let i = 0; i < figures.rounds.length; i++) {
          const y = valueOf(actor, i);
          if (y !== null)
            single.push({
              x: i + 1,
              y,
              z: `${cell.index} ${seed} ${actor.site}`,
              kind: kindOf(actor),
              across,
              down,
            });
        }
      return { trainers, rounds: figures.rounds.length };
    });
    const kinds = [...new Set(bySeed.flatMap(({ trainers }) => trainers.map(kindOf)))];
    const rounds = Math.max(...bySeed.map((one) => one.rounds));
    for (const kind of kinds)
      for (let i = 0; i < rounds; i++) {
        // A seed counts once, however many Trainers of the kind it has: those of one run depend on each other.
        const values = bySeed.flatMap(({ trainers }) => {
          const own = trainers
            .filter((actor) => kindOf(actor) === kind)
            .flatMap((actor) => valueOf(actor, i) ?? []);
          return own.length === 0 ? [] : [own.reduce((sum, value) => sum + value, 0) / own.length];
        });
        if (values.length === 0) continue;
        const { mean, low, high, n } = estimate(values);
        means.push({ x: i + 1, kind, mean, low: known(low), high: known(high), n, across, down });
      }
  }
  if (means.length === 0) return [];
  const kinds = [...new Set(means.map(({ kind }) => kind))].sort(
    (a, b) => rank(a) - rank(b) || (a < b ? -1 : 1),
  );
  const colours = kinds.map((kind, i) =>
    kind === 'honest'
      ? colour('series-3')
      : seriesColour(hostileOrder[(i - (kinds[0] === 'honest' ? 1 : 0)) % hostileOrder.length]!),
  );
  const legend = {
    title: 'Trainers',
    entries: kinds.map((kind, i) => ({ label: kind, colour: colours[i]! })),
  };
  const panel = panelOf(layout);
  const svg = draw(
    {
      ...scalesOf(layout, 320),
      color: { type: 'ordinal', domain: kinds, range: colours },
      x: {
        label: 'round',
        labelAnchor: 'center',
        labelArrow: 'none',
        tickFormat: 'd',
        ticks: roundTicks(Math.max(...means.map((point) => point.x)), layout),
      },
      y: { label, grid: true, labelArrow: 'none', nice: true },
      marks: [
        Plot.frame({ stroke: colour('line') }),
        ...(id === 'balance' ? [Plot.ruleY([0], { stroke: colour('faint') })] : []),
        Plot.lineY(single, {
          x: 'x',
          y: 'y',
          z: 'z',
          stroke: 'kind',
          strokeWidth: 0.8,
          strokeOpacity: 0.3,
          ...panel,
        }),
        // Where all are treated alike, the honest line is seen around the others.
        Plot.lineY(means, {
          x: 'x',
          y: 'mean',
          z: 'kind',
          stroke: 'kind',
          strokeWidth: ({ kind }: { kind: string }) => (kind === 'honest' ? 3.8 : 2),
          ...panel,
        }),
      ],
    },
    legend,
  );
  const says = [
    'Thin lines are Trainers, one for each seed; thick ones the means over seeds of all Trainers of a behaviour. The data has their 95 % intervals.',
    layout.held,
  ];
  return [{ id, title, says: says.filter(Boolean).join(' '), svg, data: dataOf(means) }];
}

const rank = (kind: string): number => (kind === 'honest' ? -1 : Number(kind.split(' ')[1]) || 0);
/** Without the green of the honest ones. */
const hostileOrder = [0, 5, 1, 6, 3, 4, 7];
