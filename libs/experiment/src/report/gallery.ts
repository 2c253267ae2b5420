import type { Figure, FigureMaker } from './figure.ts';
import { trustAndBalance } from './figures/actors.ts';
import { attackSuccess, bestAccuracy, costs, timeToAccuracy } from './figures/by-combination.ts';
import { accuracyByRound, accuracyByTime } from './figures/curves.ts';
import { heatMap } from './figures/heat-map.ts';
import { advantage, hostileShare } from './figures/hostile.ts';
import type { Study } from './study.ts';

/** In the order of a report. Each decides by what the sweep varies whether it has something to show. */
const makers: readonly FigureMaker[] = [
  accuracyByRound,
  accuracyByTime,
  heatMap,
  bestAccuracy,
  attackSuccess,
  timeToAccuracy,
  hostileShare,
  trustAndBalance,
  advantage,
  costs,
];

export const galleryOf = (study: Study): Figure[] => makers.flatMap((make) => make(study));
