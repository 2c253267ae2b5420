import { z } from 'zod';
import { datasets, type PartitionKind } from '#libs/data';
import { codecNames, hyperSchema, lossNames } from '#libs/learning';
import { selector, trainerBehaviour, validatorBehaviour } from './behaviours.ts';
import { bandwidth, countOrAll, duration, ledgerWindow, probability, ratio, tokens } from './values.ts';

// The run file: what people write. Shape, bounds and defaults are here and nowhere else; messages, `docs/run-files.md` and
// `docs/schemas/run.schema.json` are made of it. What depends on several values is in `resolve.ts`.

const most = 1_000_000;
const tagged = <K extends string, S extends z.core.$ZodShape>(kind: K, description: string, shape: S) =>
  z.strictObject({ kind: z.literal(kind).describe(description), ...shape });

// ---------------------------------------------------------------------------------------------------------- data

const text = () => z.string().min(1).max(4096);
const path = (what: string) => text().describe(`${what}, relative to the run file.`);
const scale = z
  .strictObject({
    mean: z.number().describe('Mean, in units of v / 255.'),
    deviation: z.number().gt(0).describe('Deviation, in units of v / 255.'),
  })
  .optional()
  .describe('A byte v becomes the feature (v / 255 - mean) / deviation; absent: v / 255.');
const folder = path('The folder with its files')
  .optional()
  .meta({ derived: 'where their package puts them' });
const described = (name: string) => datasets.find((entry) => entry.name === name)!.description + '.';

/** A dataset, and where its files are. */
export const dataset = z
  .discriminatedUnion('kind', [
    tagged('mnist', described('mnist'), { folder, scale }),
    tagged('fashion-mnist', described('fashion-mnist'), { folder, scale }),
    tagged('cifar-10', described('cifar-10'), { folder, scale }),
    tagged('cifar-100', described('cifar-100'), {
      folder,
      labels: z.enum(['fine', 'coarse']).default('fine').describe('100 fine labels or 20 coarse ones.'),
      scale,
    }),
    tagged('csv', described('csv'), {
      path: path('The table'),
      testPath: path('A second table for the test').optional(),
      label: text().describe('The column with the label.'),
      target: z.enum(['class', 'number']).default('class').describe('number: a regression.'),
      classNames: z
        .array(text())
        .min(1)
        .optional()
        .describe('The classes in order; absent: those of the file.'),
      columns: z
        .record(text(), z.union([z.enum(['number', 'category', 'ignore']), z.array(text()).min(1)]))
        .optional()
        .describe('What columns are: number, category, ignore, or the list of their categories.'),
      delimiter: z.string().length(1).default(',').describe('Between the cells of a row.'),
    }),
    tagged('npy', described('npy'), {
      features: path('The features'),
      labels: path('The labels'),
      test: z
        .strictObject({ features: path('The features'), labels: path('The labels') })
        .optional()
        .describe('A second split for the test.'),
      classes: z
        .int()
        .min(0)
        .max(65_536)
        .optional()
        .describe('Number of classes; absent: the largest label and 1; 0: a regression.'),
      shape: z
        .array(z.int().min(1))
        .min(1)
        .max(4)
        .optional()
        .describe('Shape of one example, where it is not that of the file.'),
      scale,
    }),
  ])
  .meta({ shorthand: 'kind', fallback: 'mnist' });

const partition = z
  .discriminatedUnion('kind', [
    tagged('iid', 'Every Trainer like any other.', {}),
    tagged('digitRanges', 'Trainer t has the labels of range t modulo their number.', {
      ranges: z
        .array(z.tuple([z.int().min(0), z.int().min(0)]))
        .min(1)
        .optional()
        .describe('First and last label of each range; absent: 0-3, 4-6, 7-9.'),
    }),
    tagged('labelsPerTrainer', 'Every Trainer has k labels.', {
      k: z.int().min(1).max(65_536).describe('How many labels.'),
    }),
    tagged('dirichlet', "A Trainer's labels follow a draw from a symmetric Dirichlet distribution.", {
      alpha: z.number().min(1e-6).max(1e6).describe('Towards 0: one label a Trainer; large: all alike.'),
    }),
    tagged('powerLaw', 'Labels alike, sizes not: samplesPerTrainer is their mean.', {
      exponent: z.number().min(0.01).max(100).default(1).describe('Densities fall with x^-(1 + exponent).'),
      ratio: z.number().min(1).max(1e6).default(100).describe('Largest size over smallest.'),
    }),
  ])
  .meta({ shorthand: 'kind', fallback: 'iid' }) satisfies z.ZodType<{ kind: PartitionKind }>;

const data = z
  .strictObject({
    dataset: dataset.prefault({ kind: 'mnist' }).describe('What is learned from.'),
    partition: partition.prefault({ kind: 'iid' }).describe('Who gets which examples.'),
    samplesPerTrainer: countOrAll(1e9)
      .prefault('all')
      .describe('Examples in each shard; all: what the hold-outs leave, dealt out.'),
    samplesPerValidator: z.int().min(1).max(1e9).default(1000).describe('Examples in each hold-out.'),
    sharePerRound: z
      .number()
      .gt(0)
      .max(1)
      .default(1)
      .describe('Share of its shard that a Trainer draws anew for each round.'),
    testSamples: countOrAll(1e9)
      .prefault('all')
      .describe('Examples of the test set that each release is measured on.'),
  })
  .meta({ shorthand: 'dataset' });

// ---------------------------------------------------------------------------------------------------------- learning

const hyper = hyperSchema.shape;
const training = z.strictObject({
  epochs: hyper.epochs.describe('Passes over the shard in a round.'),
  batchSize: hyper.batchSize.describe('Examples in a batch.'),
  maxBatches: hyper.maxBatches.describe('Ends each epoch after so many batches; absent: the whole shard.'),
  optimizer: hyper.optimizer
    .unwrap()
    .meta({ shorthand: 'kind', fallback: 'sgd' })
    .prefault({ kind: 'sgd' })
    .describe('Local optimizer; starts anew in each round.'),
  weightDecay: hyper.weightDecay.describe('L2: adds weightDecay x w to the gradient.'),
  clipNorm: hyper.clipNorm.describe('Scales gradients down to this norm; absent: as they are.'),
  proximal: hyper.proximal.describe('FedProx: adds proximal x (w - w at the start) to the gradient.'),
  decay: z
    .strictObject({
      factor: z.number().gt(0).max(1).default(1).describe('On the learning rate, after each round.'),
      least: z.number().min(0).default(0).describe('The learning rate does not fall below this.'),
    })
    .prefault({})
    .meta({ shorthand: 'factor' })
    .describe('How the learning rate falls.'),
  loss: z
    .enum(lossNames as [string, ...string[]])
    .optional()
    .meta({ derived: 'what suits the model and the data' })
    .describe('What is minimised.'),
  backend: z
    .enum(['auto', 'compiled', 'tfjs'])
    .default('auto')
    .describe('auto: compiled, and tfjs where a layer is not covered.'),
});

const discounts = z
  .array(z.int().min(0).max(1e9))
  .min(1)
  .optional()
  .describe('Factors in billionths for staleness 0, 1, 2 ...; absent: none.');
const hostile = z.int().min(0).max(most).describe('Hostile updates that a round may hold.');
const weighting = z.enum(['equal', 'samples', 'trust', 'trustTimesSamples']);
const named = <N extends string, S extends z.core.$ZodShape>(name: N, description: string, shape: S) =>
  z.strictObject({ name: z.literal(name).describe(description), ...shape });

const mergeRules = [
  named('weightedMean', 'The weighted mean of the updates.', {
    weights: weighting.default('trust').describe('What an update weighs by.'),
    discounts,
  }),
  named('coordinateMedian', 'The median of each coordinate.', {}),
  named('trimmedMean', 'The mean of each coordinate without its extremes.', { hostile }),
  named('krum', 'The one update that is nearest to the others.', { hostile }),
  named('multiKrum', 'The mean of the updates that are nearest to the others.', {
    hostile,
    keep: z
      .int()
      .min(1)
      .max(most)
      .optional()
      .meta({ derived: 'n - hostile - 2' })
      .describe('How many are averaged.'),
    weights: weighting.default('equal').describe('What an update weighs by.'),
    discounts,
  }),
] as const;

const aggregator = z
  .discriminatedUnion('name', [
    ...mergeRules,
    named('normClipping', 'Shortens long updates and hands them to another rule.', {
      bound: z
        .union([z.number().gt(0), z.literal('median')])
        .default('median')
        .meta({ form: 'a number above 0, or median' })
        .describe('Greatest norm of an update; median: of those of the round.'),
      of: z
        .discriminatedUnion('name', mergeRules)
        .meta({ shorthand: 'name', fallback: 'weightedMean' })
        .prefault({ name: 'weightedMean' })
        .describe('The rule that merges them.'),
    }),
  ])
  .meta({ shorthand: 'name', fallback: 'weightedMean' });

// ---------------------------------------------------------------------------------------------------------- actors

const round = () => z.int().min(0).max(1e9);
const actor = {
  speed: z
    .number()
    .gt(0)
    .max(1e6)
    .default(1)
    .describe('Times as fast as the machine that costs are stated for.'),
  joinsAtRound: round().default(0).describe('Round before which they join; 0: from the start.'),
};
const group = z.strictObject({
  ...selector,
  speed: z.number().gt(0).max(1e6).optional().describe('Instead of the speed of all.'),
  bond: tokens(1n).optional().describe('Instead of the bond of all.'),
  joinsAtRound: round().optional().describe('Instead of that of all.'),
});
const groups = z
  .array(group)
  .default([])
  .describe('What is different for some of them; of several, the last that names a position holds.');

const trainers = z
  .strictObject({
    count: z.int().min(1).max(100_000).default(7).describe('How many Trainers.'),
    sampleSize: z
      .int()
      .min(0)
      .max(100_000)
      .default(0)
      .describe('Trainers drawn for each round; 0: all of them.'),
    ...actor,
    bond: tokens(1n).optional().meta({ derived: 'economy.trainerBond' }).describe('Tokens that each bonds.'),
    behaviours: z.array(trainerBehaviour).default([]).describe('Who is not honest, and how.'),
    groups,
  })
  .meta({ shorthand: 'count' });

const validators = z
  .strictObject({
    count: z.int().min(0).max(100_000).default(3).describe('How many Validators.'),
    ...actor,
    bond: tokens(1n)
      .optional()
      .meta({ derived: 'economy.validatorBond' })
      .describe('Tokens that each bonds.'),
    behaviours: z.array(validatorBehaviour).default([]).describe('Who is not honest, and how.'),
    groups,
  })
  .meta({ shorthand: 'count' });

// ---------------------------------------------------------------------------------------------------------- protocol

const exponent = ratio(
  'at most 8, with a denominator of at most 16',
  ({ numerator: n, denominator: d }) => n <= 8 * d && d <= 16,
);
const staleness = (kind: 'constant' | 'power') =>
  z
    .discriminatedUnion('kind', [
      tagged('constant', '1', {}),
      tagged('power', '(1 + s)^-exponent', { exponent: exponent.prefault(0.5).describe('The exponent.') }),
      tagged('hinge', '1 up to the threshold, then 1 / (slope (s - threshold) + 1)', {
        threshold: z.int().min(0).max(most).default(0).describe('Versions without a loss of weight.'),
        slope: ratio('at most 1000', ({ numerator: n, denominator: d }) => n <= 1000 * d).describe(
          'The slope.',
        ),
      }),
    ])
    .meta({ shorthand: 'kind', fallback: kind })
    .prefault({ kind })
    .describe('How an update loses weight with its staleness s, in versions.');

const updatesPerRound = z.int().min(1).max(64).describe('Updates of one Trainer that may wait for a lineup.');
const period = () => ledgerWindow().prefault('10 min');

const scheme = z
  .discriminatedUnion('kind', [
    tagged('bsp', 'Bulk synchronous parallel: waits for everybody.', {
      period: period().describe('The longest that a round trains.'),
      staleness: staleness('constant'),
    }),
    tagged('ssp', 'Stale synchronous parallel: waits a period, and once longer for those that are missing.', {
      period: period().describe('How long a round trains.'),
      updatesPerRound: updatesPerRound.default(3),
      maxStaleness: z
        .int()
        .min(0)
        .max(1000)
        .default(3)
        .describe('Versions by which a Trainer may run ahead of the slowest.'),
      staleness: staleness('power'),
    }),
    tagged('bap', 'Barrierless asynchronous parallel: waits for a share of the Trainers.', {
      quorumRatio: ratio('above 0 and at most 1', ({ numerator: n, denominator: d }) => n > 0 && n <= d)
        .prefault(0.6)
        .describe('Share of the active Trainers whose receipts close the training phase.'),
      maxWait: period().describe('The longest that a round trains.'),
      updatesPerRound: updatesPerRound.default(8),
      staleness: staleness('power'),
    }),
    tagged('buffered', 'Waits for a number of updates, whoever sent them.', {
      capacity: z.int().min(1).max(256).default(10).describe('Updates that close the training phase.'),
      maxWait: period().describe('The longest that a round trains.'),
      updatesPerRound: updatesPerRound.default(8),
      staleness: staleness('power'),
    }),
  ])
  .meta({ shorthand: 'kind', fallback: 'bsp' });

const windows = z.strictObject({
  gathering: ledgerWindow().prefault('1 h').describe('For the funding, and again for the members.'),
  lineup: ledgerWindow().prefault('1 min').describe("For each proposer's lineup."),
  opening: ledgerWindow().prefault('1 min').describe('For opening the sealed updates.'),
  commit: ledgerWindow().prefault('5 min').describe('For scoring and committing.'),
  reveal: ledgerWindow().prefault('1 min').describe('For revealing.'),
  settlement: ledgerWindow()
    .prefault('2 min')
    .describe("For each proposer's settlement, and once more for anybody's."),
  maxPause: ledgerWindow().prefault('1 d').describe('After this long anybody may finish a paused run.'),
});

const isMajority = ({ numerator: n, denominator: d }: { numerator: number; denominator: number }) =>
  n < d && 2 * n >= d && d <= 255;
const majority = () => ratio('at least 1/2 and below 1, with a denominator of at most 255', isMajority);
const quorum = z.strictObject({
  few: majority().prefault('1/2').describe('Share of the bond that a decision has to exceed.'),
  many: majority().prefault('2/3').describe('The same, with manyFrom Validators or more.'),
  manyFrom: z.int().min(1).max(255).default(4).describe('Validators from which on `many` holds.'),
});

const limits = z.strictObject({
  minTrainers: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .meta({ derived: 'a third of those that join at the start' })
    .describe('Trainers needed to open a round.'),
  minValidators: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .meta({ derived: 'more than half of those that join at the start' })
    .describe('Validators needed to open a round.'),
  maxVoidRounds: z
    .int()
    .min(1)
    .max(1000)
    .default(5)
    .describe("Void rounds in a row that halt the run; the ledger's is 5."),
  maxProposers: z
    .int()
    .min(1)
    .max(32)
    .default(3)
    .describe("Proposers who may try in turn; the ledger's is 3."),
  maxLineup: z.int().min(1).max(256).default(256).describe('Most updates in a lineup.'),
  maxCommittee: z
    .int()
    .min(1)
    .max(32)
    .default(32)
    .describe("Most Validators that score in a round; the ledger's is 32."),
  inactiveAfterRounds: z
    .int()
    .min(1)
    .max(1000)
    .default(5)
    .describe('Rounds in a row that a Trainer may miss before nobody waits for it.'),
});

// ---------------------------------------------------------------------------------------------------------- money

const parameter = z.union([z.number(), z.string(), z.boolean()]);
const policy = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(4096)
      .default('ProportionalPolicy')
      .describe('A policy of the product, or the path of a .sol file.'),
    parameters: z
      .union([z.record(z.string(), parameter), z.array(parameter)])
      .optional()
      .meta({
        form: "a mapping of the policy's parameters, or for a .sol file the list of its constructor's arguments",
      })
      .describe("The constructor's arguments: by name, or for a .sol file in order."),
    gas: z
      .int()
      .min(10_000)
      .max(11_000_000)
      .default(8_000_000)
      .describe('Gas that it may use to judge a round.'),
  })
  .meta({ shorthand: 'name', replacedBy: 'name' });

const economy = z.strictObject({
  pool: tokens().prefault(10).describe('Tokens that one round may pay.'),
  budget: tokens()
    .optional()
    .meta({ derived: 'pool x rounds' })
    .describe('Tokens that the Sponsor funds the run with.'),
  purse: tokens().prefault(100).describe('Tokens that every actor comes with; its bond is taken from them.'),
  trainerBond: tokens(1n).prefault(50).describe('The least bond of a Trainer.'),
  validatorBond: tokens(1n).prefault(50).describe('The least bond of a Validator.'),
  evidence: ledgerWindow()
    .prefault('1 h')
    .describe('How much longer than a round the bond of one who leaves can be punished.'),
});

// ---------------------------------------------------------------------------------------------------------- network

const site = z.string().regex(/^(?:scheduler|(?:trainer|validator)-(?:0|[1-9]\d*))$/);
const siteForm = { form: 'scheduler, trainer-N or validator-N, N from 0' };
const network = z.strictObject({
  latency: duration(0).prefault('50 ms').describe('Of every message.'),
  jitter: duration(0).prefault('10 ms').describe('Added to every message and receiver, uniform from 0.'),
  bandwidth: bandwidth.prefault('100 Mbit/s').describe('Of updates and models, for each site.'),
  loss: probability().default(0).describe('Share of messages that are lost.'),
  duplication: probability().default(0).describe('Share of messages that come twice.'),
  reordering: probability()
    .default(0)
    .describe('Share of messages that are held back by up to ten latencies.'),
  block: duration(1).prefault('1 s').describe('From a transaction to its block.'),
  partitions: z
    .array(
      z.strictObject({
        from: duration().describe('When they are cut off, from the start of the run.'),
        to: duration().describe('When they are back.'),
        sites: z.array(site.meta(siteForm)).min(1).describe('Who hears only each other.'),
      }),
    )
    .default([])
    .describe('Sites that are cut off from the others for a time.'),
  crashes: z
    .array(
      z.strictObject({
        site: site.meta(siteForm).describe('Who.'),
        at: duration().describe('When it goes down, from the start of the run.'),
        down: duration(1).prefault('1 min').describe('For how long.'),
      }),
    )
    .default([])
    .describe('Sites that go down and come back.'),
});

// ---------------------------------------------------------------------------------------------------------- the file

export const presetNames = ['flobc', 'fedavg', 'pooled', 'alone'] as const;

export const runFile = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
    .meta({ form: 'a name of letters, digits, dots, hyphens and underscores, at most 64' })
    .describe('Of the run and of its folder.'),
  preset: z
    .enum(presetNames)
    .optional()
    .describe('Defaults for a kind of run; what the file says itself holds.'),
  seed: z
    .union([z.int().min(0), z.string().min(1).max(256)])
    .transform(String)
    .prefault(1)
    .meta({ form: 'a whole number from 0, or a text' })
    .describe('Everything random is drawn from it.'),
  rounds: z.int().min(1).max(1e9).default(10).describe('After so many rounds the run is finished.'),
  coordination: z
    .enum(['flobc', 'fedavg', 'pooled', 'alone'])
    .default('flobc')
    .describe(
      'Who merges: Trainers and Validators by the protocol, a server, one model on all data, nobody.',
    ),
  model: z
    .string()
    .min(1)
    .max(4096)
    .default('lenet5')
    .describe('A model that ships, or the path of a model.json or module.'),
  data: data.prefault({}).describe('Dataset, shards and hold-outs.'),
  training: training.prefault({}).describe('How a Trainer trains.'),
  codec: z
    .enum(codecNames as [(typeof codecNames)[number], ...(typeof codecNames)[number][]])
    .default('float32')
    .describe('How updates are written.'),
  trainers: trainers.prefault({}).describe('The Trainers.'),
  validators: validators.prefault({}).describe('The Validators.'),
  scheme: scheme.prefault({ kind: 'bsp' }).describe('When a round stops waiting for Trainers.'),
  scoring: z
    .enum(['leaveOneOut', 'standalone', 'accuracy'])
    .default('leaveOneOut')
    .describe(
      'What a score compares: the merge with and without the update, base and update by loss, or by accuracy.',
    ),
  aggregator: aggregator.prefault({ name: 'weightedMean' }).describe('How accepted updates are merged.'),
  policy: policy.prefault({}).describe('Who is believed, paid and punished.'),
  economy: economy.prefault({}).describe('Tokens.'),
  windows: windows.prefault({}).describe('How long the phases of a round may last.'),
  quorum: quorum.prefault({}).describe('What makes a decision of Validators valid.'),
  limits: limits.prefault({}).describe('Bounds of the protocol.'),
  election: z
    .enum(['drawn'])
    .default('drawn')
    .describe('How committee, proposers and sampled Trainers are chosen.'),
  network: network.prefault({}).describe('The simulated network.'),
  keep: z
    .strictObject({
      updates: z.boolean().default(false).describe('The bytes of every update.'),
      models: z.enum(['all', 'last', 'none']).default('last').describe('The bytes of released models.'),
    })
    .prefault({})
    .describe('What the run folder keeps; changes no result.'),
});

export type RunFile = z.input<typeof runFile>;
/** A run file with its defaults, section by section. */
export type Settings = z.output<typeof runFile>;
