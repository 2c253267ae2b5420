import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { datasets } from '#libs/data';
import type { Output } from '../output.ts';
import { dataCommand } from './data.ts';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flobc-data-'));
  path = join(folder, 'people.csv');
  await writeFile(path, 'age,colour,income\n31,red,low\n44.5,green,high\n');
});
afterAll(() => rm(folder, { recursive: true }));

async function run(args: readonly string[], terminal: Partial<Output> = {}): Promise<string> {
  let written = '';
  const output: Output = { write: (text: string) => (written += text), ...terminal };
  await dataCommand(output).exitOverride().parseAsync(args, { from: 'user' });
  return written;
}

describe('flobc data list', () => {
  test('names every dataset, and says how to get those that are not there', async () => {
    const text = await run(['list']);
    for (const { name, description } of datasets) expect(text).toContain(`${name}: ${description}`);
    expect(text).toContain('28 x 28 x 1, 10 classes, 60,000 + 10,000 examples, installed');
    expect(text).toContain('cifar-10-binary.tar.gz');
  });

  test('--json is the registry', async () => {
    const entries = JSON.parse(await run(['list', '--json'])) as object[];
    expect(entries).toMatchObject(datasets as object[]);
    expect(entries[0]).toMatchObject({ name: 'mnist', installed: true });
  });
});

describe('flobc data show', () => {
  test('a table', async () => {
    const text = await run(['show', 'csv', '--path', path, '--label', 'income']);
    expect(text.split('\n\n')[0]).toMatchInlineSnapshot(`
      "                      people.csv/train
      examples                             2
      shape                                3
      classes                              2
      label high                           1
      label low                            1
      column age                37.75 ± 6.75
      column colour=green          0.5 ± 0.5
      column colour=red            0.5 ± 0.5"
    `);
    expect(text).toMatch(/people\.csv\n {4}45 bytes, SHA-256 [0-9a-f]{64}\n$/);
  });

  test('--json: the facts, and nothing else even on a terminal', async () => {
    const facts: unknown = JSON.parse(
      await run(['show', 'csv', '--path', path, '--label', 'income', '--json'], { isTTY: true }),
    );
    expect(facts).toMatchObject({ train: { size: 2, labels: [1, 1] }, files: [{ path, sizeBytes: 45 }] });
  });

  test('draws images on a terminal, in blocks or in 256 colours, and none elsewhere', async () => {
    const header = (rank: number, ...lengths: number[]) => [
      0,
      0,
      8,
      rank,
      ...lengths.flatMap((length) => [0, 0, 0, length]),
    ];
    for (const split of ['train', 't10k']) {
      await writeFile(
        join(folder, `${split}-images-idx3-ubyte`),
        Buffer.from([...header(3, 2, 28, 28), ...new Array<number>(2 * 28 * 28).fill(255)]),
      );
      await writeFile(join(folder, `${split}-labels-idx1-ubyte`), Buffer.from([...header(1, 2), 3, 7]));
    }
    const show = (terminal: Partial<Output>) => run(['show', 'mnist', '--folder', folder], terminal);
    const plain = await show({});
    expect(plain).toContain('28 x 28 x 1');
    expect(plain).not.toMatch(/[▀▄█]/);
    const row = '█'.repeat(28);
    const blocks = `${`${row} ${row}\n`.repeat(14)}3${' '.repeat(28)}7\n`;
    expect(await show({ isTTY: true, columns: 57 })).toBe(`${plain}\n${blocks}`);
    const coloured = await show({ isTTY: true, columns: 56, hasColors: () => true });
    expect(coloured.startsWith(plain)).toBe(true);
    expect(coloured.split('\u001b[38;5;255;48;5;255m▀')).toHaveLength(14 * 28 + 1);
  });

  test('what is missing or mistyped is a fault with a hint', async () => {
    await expect(run(['show', 'mnits'])).rejects.toMatchObject({
      code: 'DATASET_UNKNOWN',
      hint: expect.stringContaining('Is mnist meant?') as string,
    });
    await expect(run(['show', 'csv', '--path', path])).rejects.toThrow('The dataset csv needs --label.');
    await expect(run(['show', 'cifar-10'])).rejects.toMatchObject({ code: 'DATA_MISSING' });
    await expect(run(['show', 'cifar-10', '--folder', folder])).rejects.toThrow(
      `There is no file ${join(folder, 'data_batch_1.bin')}.`,
    );
  });
});
