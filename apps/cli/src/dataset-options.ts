import type { Command } from 'commander';
import { datasetEntry, type DatasetSource } from '#libs/data';
import { Fault } from '#libs/fault';

/** Where the files of a dataset are, as options give it. */
export interface DatasetOptions {
  readonly folder?: string;
  readonly path?: string;
  readonly testPath?: string;
  readonly label?: string;
  readonly features?: string;
  readonly labels?: string;
}

/** The options of every command that reads a dataset. */
export function addDatasetOptions(command: Command): Command {
  return command
    .option('--folder <dir>', 'where the files of a named dataset are')
    .option('--path <file>', 'csv: the table')
    .option('--test-path <file>', 'csv: a second table for the test')
    .option('--label <column>', 'csv: the column with the label')
    .option('--features <file>', 'npy: the features')
    .option('--labels <file>', 'npy: the labels');
}

/** @throws Fault `DATASET_UNKNOWN`, or `OPTION_INVALID` that names the missing option */
export function datasetSource(name: string, options: DatasetOptions): DatasetSource {
  const { folder, path, testPath, label, features, labels } = options;
  const kind = datasetEntry(name).name;
  refuseUnread(kind, options);
  switch (kind) {
    case 'csv': {
      const source = { kind, path: given(kind, '--path', path), label: given(kind, '--label', label) };
      return testPath === undefined ? source : { ...source, testPath };
    }
    case 'npy':
      return { kind, features: given(kind, '--features', features), labels: given(kind, '--labels', labels) };
    case 'mnist':
    case 'fashion-mnist':
    case 'cifar-10':
    case 'cifar-100':
      return folder === undefined ? { kind } : { kind, folder };
  }
}

const read = {
  csv: ['path', 'testPath', 'label'],
  npy: ['features', 'labels'],
  named: ['folder'],
} as const satisfies Record<string, readonly (keyof DatasetOptions)[]>;
const flags = {
  folder: '--folder',
  path: '--path',
  testPath: '--test-path',
  label: '--label',
  features: '--features',
  labels: '--labels',
};

/** An option that this dataset does not read was meant for another; silence would train on the wrong data. */
function refuseUnread(kind: string, options: DatasetOptions): void {
  const known: readonly string[] = kind === 'csv' || kind === 'npy' ? read[kind] : read.named;
  const unread = (Object.keys(flags) as (keyof typeof flags)[]).find(
    (name) => options[name] !== undefined && !known.includes(name),
  );
  if (unread === undefined) return;
  throw new Fault('OPTION_INVALID', `${flags[unread]} means nothing to the dataset ${kind}`, {
    facts: { option: flags[unread], dataset: kind },
    hint: 'Name the dataset that it belongs to: csv, npy, or one with a folder.',
  });
}

function given(kind: string, option: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new Fault('OPTION_INVALID', `The dataset ${kind} needs ${option}.`, {
    facts: { option },
    hint: '--help has examples.',
  });
}
