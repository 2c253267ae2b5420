import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dataset, type Scale, sharedBytes } from './dataset.ts';
import { damaged, readData } from './file.ts';

/** The official binary files of CIFAR-10 or CIFAR-100 (Krizhevsky 2009). */
export interface CifarSource {
  readonly kind: 'cifar-10' | 'cifar-100';
  /** The folder of the unpacked archive, or the one that it was unpacked in. */
  readonly folder?: string;
  /** CIFAR-100 labels an image twice: 100 fine labels (default) or 20 coarse ones. */
  readonly labels?: 'fine' | 'coarse';
  /** How bytes become features, the same for all three channels; absent: v / 255. */
  readonly scale?: Scale;
}

/** A record of a file: its labels, then 32 x 32 bytes of red, of green, of blue. */
export interface CifarFormat {
  readonly labelBytes: number;
  /** Which of the label bytes counts. */
  readonly labelByte: number;
  readonly classes: number;
}

const plane = 32 * 32;
const channels = 3;

interface Archive {
  readonly folder: string;
  readonly train: readonly string[];
  readonly test: string;
  readonly trainPerFile: number;
  readonly testExamples: number;
}

const archives: Record<CifarSource['kind'], Archive> = {
  'cifar-10': {
    folder: 'cifar-10-batches-bin',
    train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`),
    test: 'test_batch.bin',
    trainPerFile: 10_000,
    testExamples: 10_000,
  },
  'cifar-100': {
    folder: 'cifar-100-binary',
    train: ['train.bin'],
    test: 'test.bin',
    trainPerFile: 50_000,
    testExamples: 10_000,
  },
};

/**
 * Both splits: 50,000 and 10,000 examples of shape [32, 32, 3].
 *
 * @throws Fault `DATA_MISSING`, `DATA_DAMAGED`
 */
export async function loadCifar(
  source: CifarSource,
  given: string,
  obtain: string,
): Promise<{ train: Dataset; test: Dataset; files: string[] }> {
  const archive = archives[source.kind];
  const folder = existsSync(join(given, archive.folder)) ? join(given, archive.folder) : given;
  const format = formatOf(source);
  const named = await readClassNames(folder, source, format.classes);
  const files: string[] = [];
  const read = async (split: string, names: readonly string[], perFile: number): Promise<Dataset> => {
    const size = names.length * perFile;
    const features = sharedBytes(size * plane * channels);
    const labels = sharedBytes(size);
    for (const [i, name] of names.entries()) {
      const path = join(folder, name);
      files.push(path);
      const at = i * perFile;
      decodeCifar(await readData(path, obtain), path, format, {
        features: features.subarray(at * plane * channels, (at + perFile) * plane * channels),
        labels: labels.subarray(at, at + perFile),
      });
    }
    const scale = source.scale ?? { mean: 0, deviation: 1 };
    return {
      name: `${source.kind}/${split}`,
      size,
      shape: [32, 32, channels],
      classes: format.classes,
      labels,
      features,
      scale,
      ...named,
    };
  };
  const train = await read('train', archive.train, archive.trainPerFile);
  const test = await read('test', [archive.test], archive.testExamples);
  return { train, test, files };
}

function formatOf({ kind, labels = 'fine' }: CifarSource): CifarFormat {
  if (kind === 'cifar-10') return { labelBytes: 1, labelByte: 0, classes: 10 };
  return labels === 'coarse'
    ? { labelBytes: 2, labelByte: 0, classes: 20 }
    : { labelBytes: 2, labelByte: 1, classes: 100 };
}

/** Names come with the archive as a text file; they are for people, so a folder without them serves as well. */
async function readClassNames(
  folder: string,
  { kind, labels = 'fine' }: CifarSource,
  classes: number,
): Promise<Pick<Dataset, 'classNames'>> {
  const path = join(folder, kind === 'cifar-10' ? 'batches.meta.txt' : `${labels}_label_names.txt`);
  if (!existsSync(path)) return {};
  const classNames = (await readFile(path, 'utf8'))
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  if (classNames.length !== classes)
    throw damaged(
      path,
      { row: classNames.length + 1 },
      `there are ${classNames.length} names for ${classes} classes`,
    );
  return { classNames };
}

/**
 * Decodes one file into the place of its examples. A file has no header, so the number of examples has to be known: it
 * is the length of `labels`.
 *
 * @throws Fault `DATA_DAMAGED` with the byte offset
 */
export function decodeCifar(
  bytes: Uint8Array,
  file: string,
  { labelBytes, labelByte, classes }: CifarFormat,
  { features, labels }: { features: Uint8Array; labels: Uint8Array },
): void {
  const record = labelBytes + plane * channels;
  const expected = labels.length * record;
  if (bytes.length !== expected)
    throw damaged(
      file,
      { byte: Math.min(bytes.length, expected) },
      `${labels.length} records of ${record} bytes are ${expected} bytes, and the file has ${bytes.length}`,
    );
  for (let example = 0; example < labels.length; example++) {
    const start = example * record;
    const label = bytes[start + labelByte]!;
    if (label >= classes)
      throw damaged(
        file,
        { byte: start + labelByte },
        `example ${example} has the label ${label}, and labels are 0 to ${classes - 1}`,
      );
    labels[example] = label;
    const red = start + labelBytes;
    let out = example * plane * channels;
    for (let pixel = red; pixel < red + plane; pixel++) {
      features[out++] = bytes[pixel]!;
      features[out++] = bytes[pixel + plane]!;
      features[out++] = bytes[pixel + 2 * plane]!;
    }
  }
}
