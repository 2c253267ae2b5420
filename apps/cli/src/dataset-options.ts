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

function given(kind: string, option: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new Fault('OPTION_INVALID', `The dataset ${kind} needs ${option}.`, {
    facts: { option },
    hint: '--help has examples.',
  });
}
