import { Command, Option } from 'commander';
import { datasets, loadDataset, type LoadedDataset } from '#libs/data';
import { Fault } from '#libs/fault';
import {
  builtInNames,
  loadModel,
  lossNames,
  openLearner,
  type Learner,
  type Trained,
  type TrainingState,
} from '#libs/learning';
import { addDatasetOptions, datasetSource } from '../dataset-options.ts';
import type { Output } from '../output.ts';
import { number, positiveInteger, positiveNumber } from '../numbers.ts';
import type { TrainOptions } from '../training/options.ts';
import { decayed, quickstartModel, recipeOf, shardsOf } from '../training/recipe.ts';
import { jsonReport, textReport, type EpochReport, type Report } from '../training/report.ts';
import { checkTarget, save } from '../training/weights-file.ts';

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
    .option('--learning-rate <rate>', 'default: what suits the model', positiveNumber)
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
    await trainAll(
      learner,
      data,
      options,
      options.json ? jsonReport(output, progress) : textReport(output, progress),
    );
  } finally {
    await learner.close();
  }
}

async function trainAll(
  learner: Learner,
  data: LoadedDataset,
  options: TrainOptions,
  report: Report,
): Promise<void> {
  const { shard, test } = shardsOf(data, options);
  const recipe = recipeOf(learner.model.name, options);
  report.begin(learner, shard, test, recipe);
  let parameters = await learner.initialise(options.seed);
  let state: TrainingState | undefined;
  let last: EpochReport | undefined;
  for (let epoch = 1; epoch <= recipe.epochs; epoch++) {
    const progress = report.startEpoch(epoch);
    const begun = performance.now();
    const trained: Trained = await learner
      .train({
        parameters,
        shard,
        hyper: decayed(recipe.hyper, recipe.decay ** (epoch - 1)),
        seed: options.seed,
        ...(state ? { state } : {}),
        onProgress: (now) => {
          progress.update(now);
        },
      })
      .finally(() => {
        progress.stop();
      });
    const samplesPerSecond = Math.round(trained.samples / ((performance.now() - begun) / 1000));
    ({ parameters, state } = trained);
    const tested = test && (await learner.evaluate([parameters], test))[0]!;
    last = { epoch, samplesPerSecond, train: trained, test: tested };
    report.epoch(last);
    if (!Number.isFinite(trained.loss)) throw diverged(epoch);
  }
  if (options.save !== undefined) save(options.save, parameters);
  report.end(learner, last!, options.save);
}

function diverged(epoch: number): Fault {
  return new Fault('TRAINING_DIVERGED', `the loss is no longer a number in epoch ${epoch}`, {
    facts: { epoch },
    hint: 'Lower the learning rate, or clip gradients (--clip-norm 1).',
  });
}
