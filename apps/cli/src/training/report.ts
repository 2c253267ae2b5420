import { SingleBar } from 'cli-progress';
import type { Shard } from '#libs/data';
import type { Evaluation, Learner, Trained, TrainingProgress } from '#libs/learning';
import type { Output } from '../output.ts';
import type { Recipe } from './recipe.ts';

export interface EpochReport {
  readonly epoch: number;
  readonly samplesPerSecond: number;
  readonly train: Trained;
  readonly test: Evaluation | undefined;
}

/** Who is told of a training as it goes: a person, or a machine. */
export interface Report {
  begin(learner: Learner, shard: Shard, test: Shard | undefined, recipe: Recipe): void;
  /** Something that is told of the progress of an epoch, until it is ended. */
  startEpoch(epoch: number): { update(progress: TrainingProgress): void; stop(): void };
  epoch(report: EpochReport): void;
  end(learner: Learner, last: EpochReport, saved: string | undefined): void;
}

/** JSON lines: one an epoch, then the summary. Notices go to the side. */
export function jsonReport(output: Output, side: Output): Report {
  const started = performance.now();
  const print = (line: object) => output.write(`${JSON.stringify(line)}\n`);
  return {
    begin({ notice }) {
      if (notice) side.write(`${notice}\n`);
    },
    startEpoch: () => silent,
    epoch: (report) => print(epochJson(report)),
    end: (learner, last) => print(summaryJson(learner, last, started)),
  };
}

/** A line an epoch, and on a terminal a progress bar while it goes on. */
export function textReport(output: Output, side: Output): Report {
  const started = performance.now();
  const print = (line: string) => output.write(`${line}\n`);
  let epochs = 0;
  return {
    begin(learner, shard, test, recipe) {
      ({ epochs } = recipe);
      print(heading(learner, shard, test, recipe));
    },
    startEpoch(epoch) {
      // A bar is for eyes; pipes and files get the line alone.
      return side.isTTY ? bar(side, `epoch ${epoch}/${epochs}`) : silent;
    },
    epoch: (report) => print(epochLine(report, epochs)),
    end: (_learner, last, saved) => print(summaryLine(last, started, saved)),
  };
}

const silent = { update: () => undefined, stop: () => undefined };

function bar(side: Output, title: string): ReturnType<Report['startEpoch']> {
  const bar = new SingleBar({
    format: `${title} {bar} {percentage} %  loss {loss}  {rate} samples/s  {eta_formatted} left`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    clearOnComplete: true,
    stream: side as unknown as NodeJS.WritableStream,
  });
  const begun = performance.now();
  bar.start(1, 0, { loss: '-', rate: '-' });
  return {
    update({ samples, samplesTotal, loss }) {
      bar.setTotal(samplesTotal);
      bar.update(samples, {
        loss: loss.toFixed(4),
        rate: thousands(Math.round((1000 * samples) / (performance.now() - begun))),
      });
    },
    stop: () => {
      bar.stop();
    },
  };
}

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
