import { Command } from 'commander';
import Table from 'cli-table3';
import {
  type DatasetEntry,
  datasetFacts,
  type DatasetFacts,
  datasets,
  isInstalled,
  loadDataset,
  type SplitFacts,
} from '#libs/data';
import { addDatasetOptions, datasetSource, type DatasetOptions } from '../dataset-options.ts';
import type { Output } from '../output.ts';
import { drawExamples, isImage } from '../picture.ts';

interface ShowOptions extends DatasetOptions {
  readonly json?: boolean;
}

/** `flobc data list | show`: which datasets there are, and what is in one. */
export function dataCommand(output: Output = process.stdout): Command {
  const data = new Command('data').description('Datasets: which there are, and what is in them');
  data
    .command('list')
    .description('list the datasets that can be named, and how to get them')
    .option('--json', 'write JSON')
    .addHelpText('after', '\nExamples:\n  $ flobc data list\n  $ flobc data list --json')
    .action(({ json }: { json?: boolean }) => {
      const entries = datasets.map((entry) => ({ ...entry, installed: isInstalled(entry.name) }));
      output.write(json ? toJson(entries) : entries.map(describeEntry).join('\n'));
    });
  const showing = data
    .command('show')
    .description('read a dataset and say what is in it')
    .argument('<name>', datasets.map(({ name }) => name).join(', '));
  addDatasetOptions(showing)
    .option('--json', 'write JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ flobc data show mnist
  $ flobc data show cifar-10 --folder cifar-10-batches-bin
  $ flobc data show csv --path people.csv --label income
  $ flobc data show npy --features x.npy --labels y.npy --json`,
    )
    .action((name: string, options: ShowOptions) => show(name, options, output));
  return data;
}

async function show(name: string, options: ShowOptions, output: Output): Promise<void> {
  const loaded = await loadDataset(datasetSource(name, options));
  const facts = await datasetFacts(loaded);
  if (options.json) {
    output.write(toJson(facts));
    return;
  }
  output.write(describeFacts(facts));
  // Pictures are for eyes: a pipe or a file gets the numbers only.
  if (output.isTTY && isImage(loaded.train))
    output.write(`\n${drawExamples(loaded.train, output.columns ?? 80, output.hasColors?.(256) ?? false)}`);
}

function describeEntry({
  name,
  description,
  shape,
  classes,
  examples,
  obtain,
  installed,
}: DatasetEntry & { installed: boolean }): string {
  const size = examples && `${count(examples.train)} + ${count(examples.test)} examples`;
  const facts = [shape?.join(' x '), classes && `${classes} classes`, size, installed && 'installed'].filter(
    Boolean,
  );
  const lines = [`${name}: ${description}`, facts.join(', '), installed ? '' : obtain];
  return `${lines.filter(Boolean).join('\n    ')}\n`;
}

/** Longer lists of columns and classes are cut here; --json has them all. */
const mostRows = 20;

function describeFacts({ train, test, files }: DatasetFacts): string {
  const splits = test ? [train, test] : [train];
  const row = (title: string, cell: (split: SplitFacts) => string) => [title, ...splits.map(cell)];
  // Over columns of different units these would mean nothing; each column has its own below.
  const overall = [
    row('mean of features', ({ features }) => number(features.mean)),
    row('deviation', ({ features }) => number(features.deviation)),
    row('range', ({ features }) => `${number(features.smallest)} to ${number(features.largest)}`),
  ];
  const rows = [
    row('', ({ name }) => name),
    row('examples', ({ size }) => count(size)),
    row('shape', ({ shape }) => shape.join(' x ')),
    row('classes', ({ classes }) => (classes === 0 ? 'regression' : count(classes))),
    ...(train.columns ? [] : overall),
    ...train.labels
      .slice(0, mostRows)
      .map((_, label) =>
        row(`label ${train.classNames?.[label] ?? label}`, ({ labels }) => count(labels[label]!)),
      ),
    ...more(train.labels.length, 'labels'),
    ...(train.columns ?? [])
      .slice(0, mostRows)
      .map(({ name }, i) =>
        row(
          `column ${name}`,
          ({ columns }) => `${number(columns![i]!.mean)} ± ${number(columns![i]!.deviation)}`,
        ),
      ),
    ...more(train.columns?.length ?? 0, 'columns'),
  ];
  const lines = files.map(
    ({ path, sizeBytes, sha256 }) => `${path}\n    ${count(sizeBytes)} bytes, SHA-256 ${sha256}`,
  );
  return `${align(rows)}\n\n${lines.join('\n')}\n`;
}

function more(length: number, what: string): string[][] {
  return length > mostRows ? [[`and ${length - mostRows} more ${what}`]] : [];
}

function align(rows: readonly string[][]): string {
  const sides = [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
  ] as const;
  const inner = ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'] as const;
  const table = new Table({
    chars: Object.fromEntries([...sides, ...inner].map((name) => [name, ''])),
    colAligns: ['left', 'right', 'right'],
    style: { 'padding-left': 0, 'padding-right': 3, head: [], border: [] },
  });
  table.push(...rows);
  return table.toString().replaceAll(/ +$/gm, '');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function number(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
