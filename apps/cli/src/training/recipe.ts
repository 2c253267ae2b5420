import { fitStandardisation, standardise, wholeShard, type LoadedDataset, type Shard } from '#libs/data';
import { Fault } from '#libs/fault';
import { builtInModels, type BuiltInName, type HyperInput } from '#libs/learning';
import { generator } from '#libs/random';
import type { TrainOptions } from './options.ts';

/** What `npm start` trains: the model of the quickstart. */
export const quickstartModel: BuiltInName = 'lenet5';

export interface Recipe {
  readonly epochs: number;
  /** Factor on the learning rate from one epoch to the next. */
  readonly decay: number;
  readonly hyper: HyperInput;
}

/** How a model of the user's own is trained where nothing is said. */
const ofOwnModels = { epochs: 3, optimizer: { kind: 'adam', learningRate: 1e-3 }, decay: 1 } as const;

/** What the options say, and what suits the model where they say nothing. */
export function recipeOf(name: string, options: TrainOptions): Recipe {
  const suits = Object.hasOwn(builtInModels, name)
    ? builtInModels[name as BuiltInName].training
    : ofOwnModels;
  const kind = options.optimizer ?? suits.optimizer.kind;
  const learningRate =
    options.learningRate ??
    (kind === suits.optimizer.kind ? suits.optimizer.learningRate : kind === 'sgd' ? 0.1 : 1e-3);
  if (kind === 'adam' && options.momentum > 0) {
    throw new Fault('OPTION_INVALID', '--momentum belongs to --optimizer sgd, and this training uses adam', {
      hint: 'Add --optimizer sgd, or leave --momentum out.',
    });
  }
  const optimizer =
    kind === 'sgd' ? { kind, learningRate, momentum: options.momentum } : { kind, learningRate };
  const { batchSize, weightDecay, clipNorm } = options;
  const hyper = { batchSize, optimizer, weightDecay, ...(clipNorm === undefined ? {} : { clipNorm }) };
  return { epochs: options.epochs ?? suits.epochs, decay: options.decay ?? suits.decay, hyper };
}

/** The hyper-parameters with their learning rate times a factor. */
export function decayed(hyper: HyperInput, factor: number): HyperInput {
  const optimizer = hyper.optimizer!;
  return { ...hyper, optimizer: { ...optimizer, learningRate: optimizer.learningRate! * factor } };
}

/** Columns of a table are brought to one scale by what the training examples say; images have theirs already. */
export function shardsOf(
  data: LoadedDataset,
  options: TrainOptions,
): { shard: Shard; test: Shard | undefined } {
  const shard = sampled(wholeShard(data.train), options);
  const test = data.test && wholeShard(data.test);
  if (!data.train.featureNames) return { shard, test };
  const fitted = fitStandardisation(shard);
  return { shard: standardise(shard, fitted), test: test && standardise(test, fitted) };
}

function sampled(shard: Shard, { samples, seed }: TrainOptions): Shard {
  if (samples === undefined || samples >= shard.indices.length) return shard;
  const drawn = generator(seed).split('samples').permutation(shard.indices.length).slice(0, samples);
  return { dataset: shard.dataset, indices: drawn };
}
