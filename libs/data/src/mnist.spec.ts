import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkDataset } from './check.ts';
import { datasetFacts } from './facts.ts';
import { installedFolder } from './mnist.ts';
import { loadDataset } from './registry.ts';

const image = 28 * 28;

/** The four files of a dataset whose example i is filled with the byte i and has the label i modulo 10. */
function files(train: number, test: number): Record<string, Buffer> {
  const images = (n: number) =>
    Buffer.concat([
      Buffer.from([0, 0, 8, 3, 0, 0, 0, n, 0, 0, 0, 28, 0, 0, 0, 28]),
      ...Array.from({ length: n }, (_, i) => Buffer.alloc(image, i)),
    ]);
  const labels = (n: number) =>
    Buffer.from([0, 0, 8, 1, 0, 0, 0, n, ...Array.from({ length: n }, (_, i) => i % 10)]);
  return {
    'train-images-idx3-ubyte': images(train),
    'train-labels-idx1-ubyte': labels(train),
    't10k-images-idx3-ubyte': images(test),
    't10k-labels-idx1-ubyte': labels(test),
  };
}

describe('files in a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flobc-mnist-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const write = async (contents: Record<string, Uint8Array>, rename = (name: string) => name) => {
    for (const [name, bytes] of Object.entries(contents)) await writeFile(join(folder, rename(name)), bytes);
  };
  const load = () => loadDataset({ kind: 'fashion-mnist', folder });

  test.each([
    ['as they are', (name: string) => name, (bytes: Buffer): Uint8Array => bytes],
    ['packed', (name: string) => `${name}.gz`, (bytes: Buffer): Uint8Array => gzipSync(bytes)],
    [
      'with a dot in their names',
      (name: string) => name.replace('-idx', '.idx'),
      (bytes: Buffer): Uint8Array => bytes,
    ],
  ])('are found and read %s', async (_how, rename, pack) => {
    const contents = Object.entries(files(12, 3)).map(([name, bytes]) => [name, pack(bytes)] as const);
    await write(Object.fromEntries(contents), rename);
    const { train, test, files: read } = await load();
    expect(train).toMatchObject({ name: 'fashion-mnist/train', size: 12, shape: [28, 28, 1], classes: 10 });
    expect(train.classNames?.[9]).toBe('ankle boot');
    expect([...train.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    expect(train.features.subarray(11 * image).every((byte) => byte === 11)).toBe(true);
    expect(test?.size).toBe(3);
    expect(read.map((path) => path.slice(folder.length + 1))).toEqual(Object.keys(files(1, 1)).map(rename));
  });

  test('a label out of range, labels of other images, other sizes: faults that name file and byte', async () => {
    const good = files(4, 2);
    const labels = 'train-labels-idx1-ubyte';
    const wrongLabel = Buffer.from(good[labels]!);
    wrongLabel[8 + 2] = 10;
    await write({ ...good, [labels]: wrongLabel });
    await expect(load()).rejects.toMatchObject({
      code: 'DATA_DAMAGED',
      message: `${join(folder, labels)}, byte 10: example 2 has the label 10, and labels are 0 to 9.`,
      facts: { file: join(folder, labels), byte: 10 },
    });
    await write({ ...good, [labels]: files(5, 2)[labels]! });
    await expect(load()).rejects.toThrow(`${join(folder, labels)}, byte 4: there are 5 labels for 4 images.`);
    const images = 't10k-images-idx3-ubyte';
    const narrow = Buffer.from(good[images]!);
    narrow.writeUInt32BE(14, 8);
    narrow.writeUInt32BE(56, 12);
    await write({ ...good, [images]: narrow });
    await expect(load()).rejects.toThrow(`${join(folder, images)}, byte 8: images are 14 x 56, not 28 x 28.`);
    await write(files(0, 2));
    await expect(load()).rejects.toThrow('byte 4: the file holds no images.');
  });

  test('an empty folder is a fault that says how to get the files', async () => {
    await expect(load()).rejects.toMatchObject({
      code: 'DATA_MISSING',
      hint: expect.stringContaining('dataset-fashion-mnist') as string,
    });
  });
});

describe('MNIST as its package carries it', () => {
  test('is complete and is what LeCun published', async () => {
    const loaded = await loadDataset('mnist');
    checkDataset(loaded.train);
    checkDataset(loaded.test!);
    const facts = await datasetFacts(loaded);
    expect(facts.train.labels).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(facts.test?.labels).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    expect(facts.train.features.mean).toBeCloseTo(0.1307, 4);
    expect(facts.train.features.deviation).toBeCloseTo(0.3081, 4);
    expect(facts.files.map((file) => file.sha256.slice(0, 16))).toEqual([
      'ba891046e6505d7a',
      '65a50cbbf4e906d7',
      '0fa7898d509279e4',
      'ff7bcfd416de3373',
    ]);
  });
});

describe.runIf(installedFolder('fashion-mnist'))("Fashion-MNIST as Debian's package carries it", () => {
  test('is complete and even', async () => {
    const { train, test } = await loadDataset('fashion-mnist');
    for (const dataset of [train, test!]) {
      checkDataset(dataset);
      const histogram = new Array<number>(10).fill(0);
      for (const label of dataset.labels) histogram[label]!++;
      expect(histogram).toEqual(new Array<number>(10).fill(dataset.size / 10));
    }
  });
});
