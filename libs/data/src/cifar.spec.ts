import { mkdir, mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CifarFormat, decodeCifar } from './cifar.ts';
import { loadDataset } from './registry.ts';

const plane = 1024;
const fine: CifarFormat = { labelBytes: 2, labelByte: 1, classes: 100 };

/** One record: labels, then the planes of red, green and blue, each pixel's byte from a formula of its place. */
function record(labels: readonly number[], colour: (channel: number, pixel: number) => number): Buffer {
  return Buffer.from([
    ...labels,
    ...Array.from({ length: 3 * plane }, (_, i) => colour(Math.floor(i / plane), i % plane)),
  ]);
}

const into = (examples: number) => ({
  features: new Uint8Array(examples * 3 * plane),
  labels: new Uint8Array(examples),
});

describe('decodeCifar', () => {
  test('puts the planes of a record into the channels of its pixels', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(19), fc.nat(99), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        fc.nat(plane - 1),
        (examples, pixel) => {
          const colour = (seed: number) => (channel: number, at: number) =>
            (seed + 7 * channel + 3 * at) % 256;
          const bytes = Buffer.concat(
            examples.map(([coarse, label, seed]) => record([coarse, label], colour(seed))),
          );
          const out = into(examples.length);
          decodeCifar(bytes, 'x', fine, out);
          expect([...out.labels]).toEqual(examples.map(([, label]) => label));
          for (const [i, [, , seed]] of examples.entries())
            for (const channel of [0, 1, 2])
              expect(out.features[(i * plane + pixel) * 3 + channel]).toBe(colour(seed)(channel, pixel));
        },
      ),
      { numRuns: 25 },
    );
  });

  test('refuses every truncation, also at the end of a record', () => {
    const bytes = Buffer.concat([record([1, 2], () => 3), record([4, 5], () => 6)]);
    const out = into(2);
    for (let length = 0; length < bytes.length; length++)
      expect(() => {
        decodeCifar(bytes.subarray(0, length), 'x', fine, out);
      }).toThrow(expect.objectContaining({ code: 'DATA_DAMAGED', facts: { file: 'x', byte: length } }));
  });

  test('refuses a label out of range with its byte', () => {
    const bytes = Buffer.concat([record([1, 2], () => 3), record([4, 100], () => 6)]);
    expect(() => {
      decodeCifar(bytes, 'x', fine, into(2));
    }).toThrow('x, byte 3075: example 1 has the label 100, and labels are 0 to 99.');
  });
});

describe('the archives, at their full size', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flobc-cifar-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** A file of `examples` records, all zero (and sparse on the disk) but the ones given. */
  async function archive(
    path: string,
    labelBytes: number,
    examples: number,
    records: Record<number, Buffer>,
  ) {
    await writeFile(path, '');
    await truncate(path, examples * (labelBytes + 3 * plane));
    const file = await open(path, 'r+');
    for (const [i, bytes] of Object.entries(records))
      await file.write(bytes, 0, bytes.length, Number(i) * bytes.length);
    await file.close();
  }

  test('cifar-10: five batches in order and a test batch, in the folder of the archive or the one above', async () => {
    const own = join(folder, 'cifar-10-batches-bin');
    await mkdir(own);
    for (const batch of [1, 2, 3, 4, 5])
      await archive(join(own, `data_batch_${batch}.bin`), 1, 10_000, {
        17: record([batch], (channel) => 10 * batch + channel),
      });
    await archive(join(own, 'test_batch.bin'), 1, 10_000, { 9_999: record([9], () => 99) });
    await writeFile(
      join(own, 'batches.meta.txt'),
      'airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n',
    );
    const { train, test: testSet, files } = await loadDataset({ kind: 'cifar-10', folder });
    expect(train).toMatchObject({ name: 'cifar-10/train', size: 50_000, shape: [32, 32, 3], classes: 10 });
    expect(train.classNames?.[9]).toBe('truck');
    for (const batch of [1, 2, 3, 4, 5]) {
      const example = (batch - 1) * 10_000 + 17;
      expect(train.labels[example]).toBe(batch);
      expect([...train.features.subarray(example * 3 * plane, example * 3 * plane + 3)]).toEqual([
        10 * batch,
        10 * batch + 1,
        10 * batch + 2,
      ]);
    }
    expect(testSet?.labels[9_999]).toBe(9);
    expect(files).toHaveLength(6);

    await truncate(join(own, 'data_batch_3.bin'), 30_726_927);
    await expect(loadDataset({ kind: 'cifar-10', folder: own })).rejects.toMatchObject({
      code: 'DATA_DAMAGED',
      facts: { file: join(own, 'data_batch_3.bin'), byte: 30_726_927 },
    });
  });

  test('cifar-100: coarse labels where they are asked for, fine ones otherwise', async () => {
    await archive(join(folder, 'train.bin'), 2, 50_000, { 49_999: record([19, 99], () => 1) });
    await archive(join(folder, 'test.bin'), 2, 10_000, {});
    const { train } = await loadDataset({ kind: 'cifar-100', folder, labels: 'coarse' });
    expect([train.size, train.classes, train.labels[49_999]]).toEqual([50_000, 20, 19]);
    await writeFile(join(folder, 'fine_label_names.txt'), 'apple\n');
    await expect(loadDataset({ kind: 'cifar-100', folder })).rejects.toThrow(
      'row 2: there are 1 names for 100 classes.',
    );
  });
});
