import { resolve } from 'node:path';
import {
  type Dataset,
  datasetEntry,
  type DatasetSource,
  loadDataset,
  partition,
  type PartitionPlan,
  type Shard,
  wholeShard,
} from '#libs/data';
import type { RunPlan } from '#libs/experiment';
import { Fault, isFault } from '#libs/fault';
import {
  builtInNames,
  type HyperInput,
  type Learner,
  loadModel,
  openLearner,
  type Parameters,
} from '#libs/learning';
import { type Generator, generator } from '#libs/random';

/** What a run stands on, whoever coordinates it: data dealt out, a model, a pool that trains it. */
export interface Ground {
  readonly learner: Learner;
  readonly initial: Parameters;
  readonly shards: readonly Shard[];
  readonly holdOuts: readonly Shard[];
  /** What every released model is tested on. */
  readonly test: Shard;
  readonly train: Dataset;
  readonly random: Generator;
}

export interface GroundOptions {
  /** What the plan's paths are relative to; this process's folder by default. */
  readonly folder?: string;
  /** Threads; as many as cores by default. Changes no result. */
  readonly workers?: number;
  /** Told of what takes long. */
  readonly say?: (what: string) => void;
  /** From a run with the same model and the same data, to be used again. */
  readonly reuse?: Pick<Ground, 'learner' | 'train'> & { readonly test: Shard };
}

/** Loads and deals the data and opens the model. @throws Fault for what the plan asks for and is not there */
export async function layGround(plan: RunPlan, options: GroundOptions = {}): Promise<Ground> {
  const { say, reuse } = options;
  say?.('loading the data');
  const { train, test } = reuse ?? (await dataOf(plan));
  say?.(`opening ${plan.model}`);
  const learner = reuse?.learner ?? (await learnerOf(plan, train, options));
  const random = generator(plan.seed);
  const { shards, holdOuts } = partition(train, partitionOf(plan), random.split('partition'));
  const initial = await learner.initialise(random.split('model').path);
  return { learner, initial, shards, holdOuts, test: firstOf(test, plan.data.testSamples), train, random };
}

/** What a node with data of its own stands on. */
export interface OwnGround extends Pick<Ground, 'learner' | 'initial' | 'random'> {
  readonly shard: Shard;
}

/**
 * The same for a node that brings its own data. It has to have the shape and the classes of the run's, which is read for
 * nothing else; where that is a file that is not here, its operator has to know.
 * @param source With absolute paths. @throws Fault
 */
export async function layOwnGround(
  plan: RunPlan,
  source: DatasetSource,
  options: GroundOptions = {},
): Promise<OwnGround> {
  const { train } = await loadDataset(source);
  const asked = await formOf(plan.data.source);
  if (asked !== null && !isOfForm(train, asked)) throw otherForm(train, asked);
  const learner = await learnerOf(plan, train, options);
  const random = generator(plan.seed);
  const initial = await learner.initialise(random.split('model').path);
  return { learner, initial, shard: wholeShard(train), random };
}

type Form = Pick<Dataset, 'name' | 'shape' | 'classes'>;

/** What a dataset's examples are like; null where its files are not here. */
async function formOf(source: DatasetSource): Promise<Form | null> {
  const { name, shape, classes } = datasetEntry(source.kind);
  if (shape !== undefined && classes !== undefined) return { name, shape, classes };
  try {
    return (await loadDataset(source)).train;
  } catch (error) {
    if (isFault(error) && error.code === 'DATA_MISSING') return null;
    throw error;
  }
}

const isOfForm = (own: Form, asked: Form): boolean =>
  own.classes === asked.classes && own.shape.join() === asked.shape.join();

function otherForm(own: Form, asked: Form): Fault {
  const said = ({ shape, classes }: Form): string => `${shape.join(' x ')} and ${classes} classes`;
  const message = `${own.name} has examples of ${said(own)}; the run, whose data is ${asked.name}, needs ${said(asked)}.`;
  return new Fault('DATA_UNSUITABLE', message, {
    facts: { shape: own.shape, classes: own.classes, askedShape: asked.shape, askedClasses: asked.classes },
    hint: 'Bring the same columns or the same size. Where only classes are missing, name them all: classNames of a table, classes of arrays.',
  });
}

async function dataOf({ data }: RunPlan): Promise<{ train: Dataset; test: Shard }> {
  const { train, test } = await loadDataset(data.source);
  if (test !== undefined) return { train, test: wholeShard(test) };
  throw new Fault('DATA_UNSUITABLE', `${train.name} has no test set, so no model could be evaluated.`, {
    hint: 'Give a dataset with a test split: for csv testPath, for npy test.',
  });
}

async function learnerOf(
  { model, learning }: RunPlan,
  { shape, classes }: Dataset,
  { folder = '.', workers }: GroundOptions,
): Promise<Learner> {
  const name = isBuiltIn(model) ? model : resolve(folder, model);
  const { loss, backend } = learning;
  return openLearner({
    model: await loadModel(name, { shape, classes, ...(loss === null ? {} : { loss }) }),
    backend,
    ...(workers === undefined ? {} : { workers }),
  });
}

const isBuiltIn = (name: string): boolean => (builtInNames as readonly string[]).includes(name);

function partitionOf({ data, trainers, validators }: RunPlan): PartitionPlan {
  return {
    ...data.partition,
    trainers: trainers.length,
    ...(data.samplesPerTrainer === null ? {} : { samplesPerTrainer: data.samplesPerTrainer }),
    validators: validators.length,
    samplesPerValidator: data.samplesPerValidator,
  };
}

const firstOf = (test: Shard, samples: number | null): Shard =>
  samples === null ? test : { dataset: test.dataset, indices: test.indices.slice(0, samples) };

/** The recipe of a training that starts from the given version: the learning rate decays from version to version. */
export function hyperOf(
  { learning: { hyper, decay } }: Pick<RunPlan, 'learning'>,
  version: number,
): HyperInput {
  const { optimizer } = hyper;
  const learningRate = Math.max(decay.least, optimizer.learningRate * decay.factor ** version);
  return { ...hyper, optimizer: { ...optimizer, learningRate } };
}

/** What a Trainer trains on this time: all of its shard, or a share of it that is drawn anew. */
export function drawn(shard: Shard, share: number, random: Generator): Shard {
  if (share >= 1) return shard;
  const count = Math.max(1, Math.round(share * shard.indices.length));
  const chosen = random.permutation(shard.indices.length).subarray(0, count).sort();
  const indices = new Uint32Array(new SharedArrayBuffer(4 * count));
  for (const [i, position] of chosen.entries()) indices[i] = shard.indices[position]!;
  return { dataset: shard.dataset, indices };
}
