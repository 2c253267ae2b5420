import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CsvSource } from './csv.ts';
import { loadDataset } from './registry.ts';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flobc-csv-'));
  path = join(folder, 'people.csv');
});
afterAll(() => rm(folder, { recursive: true }));

const load = async (text: string, options: Partial<CsvSource> = {}) => {
  await writeFile(path, text);
  return loadDataset({ kind: 'csv', path, label: 'income', ...options });
};

const people = `id,age,colour,income
a1,31,red,low
a2,44.5,green,high
a3,-2e1,"red",low
`;

describe('a table', () => {
  test('numbers become features, categories indicators, the label a class', async () => {
    const { train } = await load(people, { columns: { id: 'ignore' } });
    expect(train).toMatchObject({
      name: 'people.csv/train',
      size: 3,
      shape: [3],
      classes: 2,
      classNames: ['high', 'low'],
      featureNames: ['age', 'colour=green', 'colour=red'],
      numeric: [0],
      labels: Uint8Array.of(1, 0, 1),
      features: Float32Array.of(31, 0, 1, 44.5, 1, 0, -20, 0, 1),
    });
  });

  test('categories and classes may be declared, so that all Trainers share them', async () => {
    const { train } = await load(people, {
      columns: { id: 'ignore', colour: ['blue', 'red', 'green'] },
      classNames: ['low', 'middle', 'high'],
    });
    expect(train.featureNames).toEqual(['age', 'colour=blue', 'colour=red', 'colour=green']);
    expect(train.labels).toEqual(Uint8Array.of(0, 2, 0));
    expect(train.classes).toBe(3);
  });

  test('a numeric label may be classes in their numeric order, or the target of a regression', async () => {
    const text = 'x,income\n1,10\n2,9\n3,-1\n';
    const classes = await load(text);
    expect(classes.train).toMatchObject({ classNames: ['-1', '9', '10'], labels: Uint8Array.of(2, 1, 0) });
    const regression = await load(text, { target: 'number' });
    expect(regression.train).toMatchObject({ classes: 0, labels: Float32Array.of(10, 9, -1) });
  });

  test('a test table is read with the categories and classes of the first, whatever the order of its columns', async () => {
    const testPath = join(folder, 'test.csv');
    await writeFile(testPath, 'income;colour;age;id\nhigh;red;1;b\n');
    const columns = { id: 'ignore' } as const;
    const semicolons = people.replaceAll(',', ';');
    const { test: testSet } = await load(semicolons, { testPath, columns, delimiter: ';' });
    expect(testSet).toMatchObject({ size: 1, labels: Uint8Array.of(0), features: Float32Array.of(1, 0, 1) });
    await writeFile(testPath, 'income;colour;age;id\nhigh;ret;1;b\n');
    await expect(load(semicolons, { testPath, columns, delimiter: ';' })).rejects.toMatchObject({
      code: 'DATA_DAMAGED',
      message: `${testPath}, row 2, column "colour": the value "ret" is none of the column's 2.`,
      hint: 'Is "red" meant?',
    });
  });

  test('any finite float32 table comes back as it was written', async () => {
    // A template literal writes -0 as 0, so that the sign of zero is lost before the file is read.
    const value = fc.float({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 8 }), async (rows) => {
        const text = ['u,v,income', ...rows.map(([u, v]) => `${u},${v},${u}`)].join('\r\n');
        const { train } = await load(text, { target: 'number' });
        expect(train.features).toEqual(Float32Array.from(rows.flat()));
        expect(train.labels).toEqual(Float32Array.from(rows.map(([u]) => u)));
      }),
      { numRuns: 30 },
    );
  });
});

describe('damage is named by file, row and column', () => {
  test('wherever a cell that is not a number stands', async () => {
    const cell = fc.constantFrom('', 'x', '1.2.3', '0x10', 'NaN', 'Infinity', '1e39', '1 2', '--1');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.nat(2), cell, async (row, column, bad) => {
        const rows = Array.from({ length: 10 }, (_, r) => [r, 2 * r, 3 * r, 'low'].map(String));
        rows[row]![column] = bad;
        const text = [['a', 'b', 'c', 'income'], ...rows].map((cells) => cells.join(',')).join('\n');
        await expect(load(text)).rejects.toMatchObject({
          code: 'DATA_DAMAGED',
          facts: { file: path, row: row + 2, column: 'abc'[column] },
        });
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ['a row with too few cells', 'a,income\n1,low\n2\n', 3],
    ['a row with too many cells', 'a,income\n1,low\n2,low,3\n', 3],
    ['a quote that is not closed', 'a,income\n1,low\n"2,low\n', 3],
    ['a quote in the middle', 'a,income\n1,low\n2,l"o"w\n', 3],
    ['no rows', 'a,income\n', 2],
    ['nothing at all', '', 1],
    ['a column twice', 'a,a,income\n1,2,low\n', 1],
    ['an empty label, counting empty lines and lines within quotes', 'a,b,income\n\n1,"x\ny",low\n2,x,\n', 5],
  ])('%s', async (_what, text, row) => {
    await expect(load(text)).rejects.toMatchObject({ code: 'DATA_DAMAGED', facts: { file: path, row } });
  });

  test('an identifier is not taken for a category', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => `id${i},1,low`);
    await expect(load(['id,a,income', ...rows].join('\n'))).rejects.toMatchObject({
      facts: { row: 258, column: 'id' },
      hint: expect.stringContaining('"ignore"') as string,
    });
  });

  test('a column that is not there: the nearest name', async () => {
    await expect(load(people, { label: 'incom' })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      hint: 'Is "income" meant?',
    });
    await expect(load(people, { columns: { ages: 'number' } })).rejects.toMatchObject({
      hint: 'Is "age" meant?',
    });
    await expect(load('income\nlow\n')).rejects.toMatchObject({ code: 'DATA_UNSUITABLE' });
  });
});
