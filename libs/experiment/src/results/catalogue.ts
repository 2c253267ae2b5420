import { nearest } from '#libs/fault';
import { alternativesOf } from '#libs/settings';
import { trainerBehaviour, validatorBehaviour } from '../run-file/behaviours.ts';
import { deployment, operations, unknownOperation } from './operations.ts';

/** How a number is written for people. */
export type Unit = 'share' | 'count' | 'seconds' | 'tokens' | 'gas' | 'bytes' | 'trust' | 'index' | 'loss';

export interface MetricInfo {
  readonly says: string;
  readonly unit: Unit;
  /** Whether more of it is better; absent where that depends. */
  readonly better?: 'more' | 'less';
}

/** Accuracies whose time is told. */
export const reachLevels = [0.8, 0.9, 0.95, 0.97] as const;
const reach = Object.fromEntries(
  reachLevels.flatMap((level): [string, MetricInfo][] => {
    const percent = Math.round(100 * level);
    const first = `first round with an accuracy of ${percent} % or more`;
    return [
      [
        `reach.${percent}`,
        { says: `virtual time until the end of the ${first}; empty: never`, unit: 'seconds', better: 'less' },
      ],
      [`reach_round.${percent}`, { says: `${first}, from 0; empty: none`, unit: 'index', better: 'less' }],
    ];
  }),
);

/** Every figure that a run is summed up in: columns of summary.csv, and the words of expectations. */
const single: Readonly<Record<string, MetricInfo>> = {
  'accuracy.final': { says: 'test accuracy of the newest model at the end', unit: 'share', better: 'more' },
  'accuracy.best': { says: 'highest test accuracy after any round', unit: 'share', better: 'more' },
  'accuracy.best_round': { says: 'first round that had it, from 0', unit: 'index', better: 'less' },
  'loss.final': { says: 'test loss of the newest model at the end', unit: 'loss', better: 'less' },
  'attack.success': {
    says: "at the end, the share of patched examples taken for the backdoor's target, or of examples that have their flipped label; empty: no such attack",
    unit: 'share',
    better: 'less',
  },
  ...reach,
  virtual_s: { says: 'virtual time of the run', unit: 'seconds', better: 'less' },
  'rounds.released': { says: 'rounds that released a model', unit: 'count', better: 'more' },
  'rounds.settled': { says: 'rounds that were settled and released none', unit: 'count' },
  'rounds.void': { says: 'rounds that came to nothing', unit: 'count', better: 'less' },
  trainers: { says: 'Trainers', unit: 'count' },
  'trainers.hostile': { says: 'Trainers that are not honest', unit: 'count' },
  validators: { says: 'Validators', unit: 'count' },
  'validators.hostile': { says: 'Validators that are not honest', unit: 'count' },
  'updates.accepted': { says: 'updates accepted', unit: 'count' },
  'updates.refused': { says: 'updates refused', unit: 'count' },
  'updates.unavailable': { says: 'updates that could not be opened', unit: 'count' },
  'verdict.precision': {
    says: 'of the refused updates, the share that was tampered with; empty: none was refused',
    unit: 'share',
    better: 'more',
  },
  'verdict.recall': {
    says: 'of the updates that were tampered with, the share that was refused; empty: there were none',
    unit: 'share',
    better: 'more',
  },
  'verdict.false_refusals': {
    says: 'of the other updates, the share that was refused',
    unit: 'share',
    better: 'less',
  },
  'honest.punished': {
    says: 'share of the honest Trainers that lost tokens to a penalty',
    unit: 'share',
    better: 'less',
  },
  'penalty.honest': {
    says: 'tokens that honest actors lost to penalties, all together',
    unit: 'tokens',
    better: 'less',
  },
  'penalty.hostile': {
    says: 'tokens that hostile actors lost to penalties, all together',
    unit: 'tokens',
    better: 'more',
  },
  'trust.honest': { says: 'mean trust of honest Trainers at the end', unit: 'trust', better: 'more' },
  'trust.hostile': { says: 'mean trust of hostile Trainers at the end', unit: 'trust', better: 'less' },
  'trust.strength': {
    says: "Spearman's correlation, over Trainers, of trust at the end with the strength of their behaviour",
    unit: 'index',
    better: 'less',
  },
  'trust.strength_5': { says: 'the same after the fifth round', unit: 'index', better: 'less' },
  'gini.trainers': { says: "Gini's coefficient of the Trainers' rewards", unit: 'index' },
  'gini.validators': { says: "Gini's coefficient of the Validators' rewards", unit: 'index' },
  'staleness.mean': { says: 'mean staleness of the updates of lineups, in versions', unit: 'index' },
  'staleness.most': { says: 'the greatest', unit: 'index' },
  'gas.round': { says: 'gas of all transactions of a round, mean', unit: 'gas', better: 'less' },
  'gas.total': {
    says: 'gas of all transactions, those before the first round too',
    unit: 'gas',
    better: 'less',
  },
  'bytes.message': { says: 'signed messages, each counted once', unit: 'bytes', better: 'less' },
  'bytes.blob': {
    says: 'sealed updates and models, as often as they were moved',
    unit: 'bytes',
    better: 'less',
  },
  'bytes.round': { says: 'both, of a round, mean', unit: 'bytes', better: 'less' },
};

const kindsOf = (schema: Parameters<typeof alternativesOf>[0]): string[] => [
  'honest',
  ...alternativesOf(schema)!.options.keys(),
];
const behaviours = [
  ...kindsOf(trainerBehaviour).map((kind) => `trainer.${kind}`),
  ...kindsOf(validatorBehaviour).map((kind) => `validator.${kind}`),
];

/** Figures of which there is one for each behaviour or operation. */
const families: Readonly<Record<string, { readonly members: readonly string[]; readonly info: MetricInfo }>> =
  {
    'profit.': {
      members: behaviours,
      info: {
        says: 'rewards less penalties of an actor with this behaviour, in tokens, mean',
        unit: 'tokens',
      },
    },
    'advantage.': {
      members: behaviours.filter((name) => !name.endsWith('.honest')),
      info: {
        says: 'that profit less that of an honest actor of the same role in the same run: above 0, cheating pays',
        unit: 'tokens',
        better: 'less',
      },
    },
    'gas.': {
      members: [...new Set([...Object.values(operations), deployment, unknownOperation])],
      info: { says: 'gas of all transactions of this operation', unit: 'gas', better: 'less' },
    },
  };

/** What is known of a figure; undefined where there is none of that name. */
export function metricInfo(name: string): MetricInfo | undefined {
  if (Object.hasOwn(single, name)) return single[name];
  const family = Object.entries(families).find(
    ([prefix, { members }]) => name.startsWith(prefix) && members.includes(name.slice(prefix.length)),
  );
  return family?.[1].info;
}

/** Names of all figures that a run can have. */
export const metricNames: readonly string[] = [
  ...Object.keys(single),
  ...Object.entries(families).flatMap(([prefix, { members }]) => members.map((member) => prefix + member)),
];

export const nearestMetric = (name: string): string | undefined => nearest(name, metricNames);

/** For the document: figures by themselves, and families once. */
export const documentedMetrics: readonly (readonly [string, MetricInfo])[] = [
  ...Object.entries(single),
  ...Object.entries(families).map(
    ([prefix, { info }]) => [`${prefix}${prefix === 'gas.' ? 'OPERATION' : 'ROLE.BEHAVIOUR'}`, info] as const,
  ),
];

/** The order of columns: that of the catalogue. */
export function inOrder(names: Iterable<string>): string[] {
  const known = new Map(metricNames.map((name, i) => [name, i]));
  return [...new Set(names)].sort((a, b) => (known.get(a) ?? Infinity) - (known.get(b) ?? Infinity));
}
