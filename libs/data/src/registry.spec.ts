import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDataset } from './check.ts';
import { datasetFacts } from './facts.ts';
import { datasets, isInstalled, loadDataset } from './registry.ts';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flobc-registry-'));
  path = join(folder, 'table.csv');
  await writeFile(path, 'x,c,y\n1,a,0\n2,b,1\n6,a,1\n');
});
afterAll(() => rm(folder, { recursive: true }));

describe('loadDataset by name', () => {
  test('an unknown name: the nearest one', async () => {
    await expect(loadDataset('mnits')).rejects.toMatchObject({
      code: 'DATASET_UNKNOWN',
      message: 'There is no dataset "mnits".',
      hint: 'Is mnist meant? Known are mnist, fashion-mnist, cifar-10, cifar-100, csv, npy.',
    });
    await expect(loadDataset('imagenet-1k')).rejects.toMatchObject({
      hint: expect.stringMatching(/^Known are/) as string,
    });
  });

  test.each(datasets.filter(({ name }) => !isInstalled(name)))(
    '$name, where nobody says where it is: how to get it',
    async ({ name, obtain }) => {
      await expect(loadDataset(name)).rejects.toMatchObject({ code: 'DATA_MISSING', hint: obtain });
    },
  );

  test('what the registry promises of MNIST holds', async () => {
    const { shape, classes, classNames, examples } = datasets[0]!;
    const { train, test: testSet } = await loadDataset('mnist');
    expect({ shape: train.shape, classes: train.classes, classNames: train.classNames }).toEqual({
      shape,
      classes,
      classNames,
    });
    expect({ train: train.size, test: testSet?.size }).toEqual(examples);
  });
});

test('a dataset handed to a worker thread is a view of the same bytes', async () => {
  const { train } = await loadDataset({ kind: 'csv', path, label: 'y' });
  const worker = new Worker(
    `const { workerData: { features, labels } } = require('node:worker_threads'); features[0] = 42; labels[2] = 0;`,
    { eval: true, workerData: train },
  );
  await once(worker, 'exit');
  expect([train.features[0], train.labels[2]]).toEqual([42, 0]);
  checkDataset(train);
});

describe('datasetFacts', () => {
  test('of a table: histogram, moments over all and for each column, digests', async () => {
    const facts = await datasetFacts(await loadDataset({ kind: 'csv', path, label: 'y', testPath: path }));
    expect(facts.train).toMatchObject({
      name: 'table.csv/train',
      size: 3,
      shape: [3],
      classes: 2,
      classNames: ['0', '1'],
      labels: [1, 2],
      features: { smallest: 0, largest: 6 },
      columns: [
        { name: 'x', mean: 3, smallest: 1, largest: 6 },
        { name: 'c=a', mean: 2 / 3, deviation: Math.sqrt(2 / 9), smallest: 0, largest: 1 },
        { name: 'c=b', mean: 1 / 3, smallest: 0, largest: 1 },
      ],
    });
    expect(facts.train.columns?.[0]?.deviation).toBeCloseTo(Math.sqrt(14 / 3), 12);
    expect(facts.test).toEqual({ ...facts.train, name: 'table.csv/test' });
    const sha256 = createHash('sha256').update('x,c,y\n1,a,0\n2,b,1\n6,a,1\n').digest('hex');
    expect(facts.files).toEqual([
      { path, sizeBytes: 24, sha256 },
      { path, sizeBytes: 24, sha256 },
    ]);
    expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
  });

  test('of a regression: no histogram', async () => {
    const { train } = await datasetFacts(
      await loadDataset({ kind: 'csv', path, label: 'y', target: 'number' }),
    );
    expect(train).toMatchObject({ classes: 0, labels: [] });
  });
});
