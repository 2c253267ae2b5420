import { accessSync, constants, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError, Option } from 'commander';
import {
  datasets,
  fitStandardisation,
  loadDataset,
  standardise,
  wholeShard,
  type LoadedDataset,
  type Shard,
} from '#libs/data';
import { Fault } from '#libs/fault';
import {
  builtInModels,
  builtInNames,
  encode,
  loadModel,
  lossNames,
  openLearner,
  type BackendChoice,
  type BuiltInName,
  type HyperInput,
  type Learner,
  type Parameters,
  type Trained,
  type TrainingState,
} from '#libs/learning';
import { generator } from '#libs/random';
import { addDatasetOptions, datasetSource, type DatasetOptions } from '../dataset-options.ts';
import type { Output } from '../output.ts';

/** What `npm start` trains: the model of the quickstart. */
const quickstartModel: BuiltInName = 'lenet5';

interface TrainOptions extends DatasetOptions {
  readonly dataset: string;
  readonly samples?: number;
  readonly epochs?: number;
  readonly batchSize: number;
  readonly optimizer?: 'sgd' | 'adam';
  readonly learningRate?: number;
  readonly decay?: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly clipNorm?: number;
  readonly loss?: string;
  readonly backend: BackendChoice;
  readonly workers?: number;
  readonly seed: string;
  readonly save?: string;
  readonly json?: boolean;
}

/** `flobc train`: one pooled training, on all of a dataset; the baseline of every federated run. */
export function trainCommand(output: Output = process.stdout, progress: Output = process.stderr): Command {
  const command = new Command('train')
    .description('train one model on all of a dataset and evaluate it: the pooled baseline, no network')
    .argument(
      '[model]',
      `a built-in model (${builtInNames.join(', ')}), a model.json, or a module`,
      quickstartModel,
    )
    .addOption(new Option('--dataset <name>', datasets.map(({ name }) => name).join(', ')).default('mnist'))
    .option('--samples <n>', 'train on that many examples, drawn by the seed', positiveInteger)
    .option('--epochs <n>', 'passes over the data (default: what suits the model)', positiveInteger)
    .option('--batch-size <n>', 'examples a step', positiveInteger, 32)
    .addOption(new Option('--optimizer <kind>', 'default: what suits the model').choices(['sgd', 'adam']))
    .option('--learning-rate <rate>', 'default: 0.1 for sgd, 0.001 for adam', positiveNumber)
    .option(
      '--decay <factor>',
      'multiply the rate by this after each epoch (default: what suits the model)',
      positiveNumber,
    )
    .option('--momentum <factor>', 'sgd only', number, 0)
    .option('--weight-decay <factor>', 'L2, added to the gradient', number, 0)
    .option('--clip-norm <norm>', 'scale gradients down to this norm', positiveNumber)
    .option('--loss <name>', `${lossNames.join(', ')} (default: what suits the data)`)
    .addOption(new Option('--backend <name>').choices(['auto', 'compiled', 'tfjs']).default('auto'))
    .option('--workers <n>', 'threads; changes no result (default: the cores)', positiveInteger)
    .option('--seed <seed>', 'of weights, order and dropout', '1')
    .option('--save <file>', 'write the trained weights as safetensors')
    .option('--json', 'write JSON lines: one an epoch, then the summary');
  addDatasetOptions(command).addHelpText(
    'after',
    `
Examples:
  $ flobc train
  $ flobc train mlp-200 --optimizer sgd --learning-rate 0.1 --epochs 5
  $ flobc train ./model.json --dataset csv --path people.csv --label income
  $ flobc train ./my-model.ts --dataset mnist --save weights.safetensors --json`,
  );
  return command.action((model: string, options: TrainOptions) => run(model, options, output, progress));
}

async function run(name: string, options: TrainOptions, output: Output, progress: Output): Promise<void> {
  if (options.save !== undefined) checkTarget(options.save);
  const data = await loadDataset(datasetSource(options.dataset, options));
  const { shape, classes } = data.train;
  const model = await loadModel(name, {
    shape,
    classes,
    ...(options.loss === undefined ? {} : { loss: options.loss }),
  });
  const learner = await openLearner({
    model,
    backend: options.backend,
    ...(options.workers === undefined ? {} : { workers: options.workers }),
  });
  try {
    await trainAll(learner, data, options, output, progress);
  } finally {
    await learner.close();
  }
}

async function trainAll(
  learner: Learner,
  data: LoadedDataset,
  options: TrainOptions,
  output: Output,
  progress: Output,
): Promise<void> {
  const { shard, test } = shardsOf(data, options);
  const { epochs, decay, hyper } = recipeOf(learner.model.name, options);
  const print = (line: string) => output.write(`${line}\n`);
  if (!options.json) print(heading(learner, shard, test, { epochs, decay, hyper }));
  else if (learner.notice) progress.write(`${learner.notice}\n`);

  const started = performance.now();
  let parameters = await learner.initialise(options.seed);
  let state: TrainingState | undefined;
  let last: EpochReport | undefined;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const bar = progressBar(progress, options, `epoch ${epoch}/${epochs}`);
    const begun = performance.now();
    const trained: Trained = await learner.train({
      parameters,
      shard,
      hyper: decayed(hyper, decay ** (epoch - 1)),
      seed: options.seed,
      ...(state ? { state } : {}),
      onProgress: ({ samples, samplesTotal, loss }) => {
        bar?.setTotal(samplesTotal);
        bar?.update(samples, { loss: loss.toFixed(4), rate: rate(samples, begun) });
      },
    });
    const samplesPerSecond = Math.round(trained.samples / ((performance.now() - begun) / 1000));
    bar?.stop();
    ({ parameters, state } = trained);
    last = {
      epoch,
      samplesPerSecond,
      train: trained,
      test: test && (await learner.evaluate([parameters], test))[0]!,
    };
    print(options.json ? JSON.stringify(epochJson(last)) : epochLine(last, epochs));
    if (!Number.isFinite(trained.loss)) throw diverged(epoch);
  }
  if (options.save !== undefined) save(options.save, parameters);
  print(
    options.json
      ? JSON.stringify(summaryJson(learner, last!, started))
      : summaryLine(last!, started, options.save),
  );
}

interface EpochReport {
  readonly epoch: number;
  readonly samplesPerSecond: number;
  readonly train: Trained;
  readonly test: Awaited<ReturnType<Learner['evaluate']>>[number] | undefined;
}

interface Recipe {
  readonly epochs: number;
  /** Factor on the learning rate from one epoch to the next. */
  readonly decay: number;
  readonly hyper: HyperInput;
}

/** What the options say, and what suits the model where they say nothing. */
function recipeOf(name: string, options: TrainOptions): Recipe {
  const suits =
    name in builtInModels
      ? builtInModels[name as BuiltInName].training
      : builtInModels[quickstartModel].training;
  const kind = options.optimizer ?? suits.optimizer.kind;
  const learningRate =
    options.learningRate ??
    (kind === suits.optimizer.kind ? suits.optimizer.learningRate : kind === 'sgd' ? 0.1 : 1e-3);
  const optimizer =
    kind === 'sgd' ? { kind, learningRate, momentum: options.momentum } : { kind, learningRate };
  const { batchSize, weightDecay, clipNorm } = options;
  const hyper = { batchSize, optimizer, weightDecay, ...(clipNorm === undefined ? {} : { clipNorm }) };
  return { epochs: options.epochs ?? suits.epochs, decay: options.decay ?? suits.decay, hyper };
}

function decayed(hyper: HyperInput, factor: number): HyperInput {
  const optimizer = hyper.optimizer!;
  return { ...hyper, optimizer: { ...optimizer, learningRate: optimizer.learningRate! * factor } };
}

/** Columns of a table are brought to one scale by what the training examples say; images have theirs already. */
function shardsOf(data: LoadedDataset, options: TrainOptions): { shard: Shard; test: Shard | undefined } {
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

function progressBar(progress: Output, { json }: TrainOptions, title: string): SingleBar | undefined {
  // A bar is for eyes: pipes, files and machines get a line an epoch.
  if (json || !progress.isTTY) return undefined;
  const bar = new SingleBar({
    format: `${title} {bar} {percentage} %  loss {loss}  {rate} samples/s  {eta_formatted} left`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    stream: progress as unknown as NodeJS.WritableStream,
  });
  bar.start(1, 0, { loss: '-', rate: '-' });
  return bar;
}

const rate = (samples: number, since: number) =>
  thousands(Math.round(samples / ((performance.now() - since) / 1000)));
const thousands = (n: number) => n.toLocaleString('en');
const percent = (share: number | undefined) => (share === undefined ? '' : `${(100 * share).toFixed(2)} %`);
const seconds = (since: number) => Number(((performance.now() - since) / 1000).toFixed(1));

function heading(
  learner: Learner,
  shard: Shard,
  test: Shard | undefined,
  { epochs, decay, hyper }: Recipe,
): string {
  const { batchSize, optimizer } = hyper;
  const slower = decay === 1 ? '' : `, times ${decay} an epoch`;
  const size = learner.layout.reduce((sum, slot) => sum + slot.size, 0);
  const tested = test ? `, tested on ${thousands(test.indices.length)}` : '';
  return [
    `Pooled training of ${learner.model.name} (${thousands(size)} parameters) on ${thousands(shard.indices.length)} examples of ${shard.dataset.name}${tested}`,
    `${epochs} epochs, batches of ${batchSize}, ${optimizer!.kind} at ${optimizer!.learningRate}${slower}; ${learner.version}`,
    ...(learner.notice ? [learner.notice] : []),
    '',
  ].join('\n');
}

function epochLine({ epoch, samplesPerSecond, train, test }: EpochReport, epochs: number): string {
  const accuracy = (share: number | undefined) => (share === undefined ? '' : ` ${percent(share)}`);
  const parts = [
    `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`,
    `loss ${train.loss.toFixed(4)}${accuracy(train.accuracy)}`,
    ...(test ? [`test ${test.loss.toFixed(4)}${accuracy(test.accuracy)}`] : []),
    `${thousands(samplesPerSecond)} samples/s`,
  ];
  return parts.join('   ');
}

function summaryLine({ test, train }: EpochReport, started: number, saved: string | undefined): string {
  const figure = test
    ? `${percent(test.accuracy) || `loss ${test.loss.toFixed(4)}`} on the test set`
    : `loss ${train.loss.toFixed(4)}`;
  return `\n${figure} after ${seconds(started)} s${saved === undefined ? '' : `; weights in ${saved}`}`;
}

function epochJson({ epoch, samplesPerSecond, train, test }: EpochReport): object {
  const { loss, accuracy } = train;
  return { event: 'epoch', epoch, samplesPerSecond, train: { loss, accuracy }, ...(test ? { test } : {}) };
}

function summaryJson(learner: Learner, { epoch, test, train }: EpochReport, started: number): object {
  const { backend, version, workers, model } = learner;
  const { loss, accuracy } = test ?? train;
  return {
    event: 'trained',
    model: model.name,
    backend,
    version,
    workers,
    epochs: epoch,
    loss,
    accuracy,
    seconds: seconds(started),
  };
}

function save(path: string, parameters: Parameters): void {
  const encoded = encode('float32', parameters);
  if (encoded.kind === 'refused')
    throw new Fault('OPTION_INVALID', `${path}: ${encoded.reason}`, { hint: 'Lower the learning rate.' });
  try {
    writeFileSync(path, encoded.bytes);
  } catch (cause) {
    throw cannotSave(path, cause);
  }
}

/** What cannot be written is said before the training rather than after it. */
function checkTarget(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (cause) {
    throw cannotSave(path, cause);
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw cannotSave(path, new Error('it is a folder'));
}

function cannotSave(path: string, cause: unknown): Fault {
  return new Fault('OPTION_INVALID', `--save: ${path} cannot be written: ${(cause as Error).message}`, {
    facts: { path },
    hint: 'Name a file in a folder that exists and may be written to.',
    cause,
  });
}

function diverged(epoch: number): Fault {
  return new Fault('TRAINING_DIVERGED', `the loss is no longer a number in epoch ${epoch}`, {
    facts: { epoch },
    hint: 'Lower the learning rate, or clip gradients (--clip-norm 1).',
  });
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('Not a number of 0 or more.');
  return value;
}

function positiveNumber(text: string): number {
  const value = number(text);
  if (value === 0) throw new InvalidArgumentError('Not a number above 0.');
  return value;
}

function positiveInteger(text: string): number {
  const value = positiveNumber(text);
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('Not a whole number.');
  return value;
}
