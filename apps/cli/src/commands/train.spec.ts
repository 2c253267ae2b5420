import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadDataset, wholeShard, fitStandardisation, standardise } from '#libs/data';
import { decode, loadModel, openLearner } from '#libs/learning';
import { generator } from '#libs/random';
import type { Output } from '../output.ts';
import { trainCommand } from './train.ts';

let folder: string;
let table: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flobc-train-'));
  const [path, testPath] = [join(folder, 'train.csv'), join(folder, 'test.csv')];
  await writeFile(path, points('train', 400));
  await writeFile(testPath, points('test', 100));
  table = ['tabular-mlp', '--dataset', 'csv', '--path', path, '--test-path', testPath, '--label', 'side'];
});
afterAll(() => rm(folder, { recursive: true }));

/** Points of the plane, labelled by the side of a circle on which they are. */
function points(what: string, count: number): string {
  const random = generator('points').split(what);
  const rows = Array.from({ length: count }, () => {
    const [x, y] = [2 * random.normal(), 2 * random.normal()];
    return `${x.toFixed(4)},${y.toFixed(4)},${x * x + y * y < 4 ? 'inside' : 'outside'}`;
  });
  return `x,y,side\n${rows.join('\n')}\n`;
}

interface Written {
  readonly out: string;
  readonly err: string;
}

/** What a command wrote to both of its outputs. */
async function run(args: readonly string[], terminal = false): Promise<Written> {
  const written = { out: '', err: '' };
  const out: Output = { write: (text: string) => (written.out += text) };
  const err = new PassThrough();
  err.on('data', (chunk: Buffer) => (written.err += chunk.toString()));
  const progress: Output = Object.assign(err, terminal ? { isTTY: true, columns: 100 } : {});
  await trainCommand(out, progress)
    .exitOverride()
    .parseAsync([...args, '--workers', '1'], { from: 'user' });
  return written;
}

const lines = ({ out }: Written) =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('flobc train', () => {
  test('--json: a line an epoch, then the summary, and nothing else even on a terminal', async () => {
    const written = await run([...table, '--epochs', '3', '--json'], true);
    expect(written.err).toBe('');
    const [first, second, third, summary, ...more] = lines(written);
    expect(more).toEqual([]);
    const share = expect.closeTo(0.5, 0) as number;
    for (const [i, line] of [first, second, third].entries())
      expect(line).toEqual({
        event: 'epoch',
        epoch: i + 1,
        samplesPerSecond: expect.any(Number) as number,
        train: { loss: expect.any(Number) as number, accuracy: share },
        test: {
          samples: 100,
          loss: expect.any(Number) as number,
          accuracy: share,
          perClass: [expect.any(Object), expect.any(Object)] as object[],
        },
      });
    const tested = third!.test as { loss: number; accuracy: number };
    expect(summary).toEqual({
      event: 'trained',
      model: 'tabular-mlp',
      backend: 'compiled',
      version: expect.stringMatching(/^onnxruntime-node \d/) as string,
      workers: 1,
      epochs: 3,
      loss: tested.loss,
      accuracy: tested.accuracy,
      seconds: expect.any(Number) as number,
    });
  });

  test('learns, and the seed decides what', async () => {
    const results = async (seed: string) =>
      lines(await run([...table, '--epochs', '12', '--learning-rate', '0.01', '--seed', seed, '--json']))
        .slice(0, -1)
        .map(
          ({ train, test }) => ({ train, test }) as { train: { loss: number }; test: { accuracy: number } },
        );
    const once = await results('7');
    expect(once.at(-1)!.train.loss).toBeLessThan(0.4 * once[0]!.train.loss);
    expect(once.at(-1)!.test.accuracy).toBeGreaterThan(0.93);
    expect(await results('7')).toEqual(once);
    expect(await results('8')).not.toEqual(once);
  });

  test('for people: what is trained, a line an epoch, the figure; no bar where there is no terminal', async () => {
    const { out, err } = await run([...table, '--epochs', '2']);
    expect(err).toBe('');
    const [heading, recipe, , first, second, , figure] = out.split('\n');
    expect(heading).toBe(
      'Pooled training of tabular-mlp (4,482 parameters) on 400 examples of train.csv/train, tested on 100',
    );
    expect(recipe).toMatch(/^2 epochs, batches of 32, adam at 0.001.*; onnxruntime-node \d/);
    expect(first).toMatch(
      /^epoch 1\/2 {3}loss \d\.\d{4} \d+\.\d\d % {3}test \d\.\d{4} \d+\.\d\d % {3}[\d,]+ samples\/s$/,
    );
    expect(second).toMatch(/^epoch 2\/2 /);
    expect(figure).toMatch(/^\d+\.\d\d % on the test set after \d+(\.\d)? s$/);
  });

  test('a terminal gets a bar for each epoch, beside the lines and not among them', async () => {
    const { out, err } = await run([...table, '--epochs', '2'], true);
    expect(err).toContain('epoch 1/2');
    expect(err).toContain('epoch 2/2');
    expect(err).toMatch(/[█░]{30}/);
    expect(out).not.toMatch(/[█░]/);
  });

  test('--save writes what was trained: the weights name what the report says', async () => {
    const file = join(folder, 'weights.safetensors');
    const written = await run([...table, '--epochs', '2', '--save', file, '--json']);
    const summary = lines(written).at(-1)!;
    const source = { kind: 'csv', path: table[4]!, testPath: table[6]!, label: 'side' } as const;
    const { train, test: held } = await loadDataset(source);
    const model = await loadModel('tabular-mlp', { shape: train.shape, classes: train.classes });
    const learner = await openLearner({ model, workers: 1 });
    const decoded = decode('float32', await readFile(file), learner.layout);
    if (decoded.kind === 'refused') throw new Error(decoded.reason);
    const shard = standardise(wholeShard(held!), fitStandardisation(wholeShard(train)));
    const [evaluation] = await learner.evaluate([decoded.parameters], shard);
    await learner.close();
    expect(evaluation).toMatchObject({ loss: summary.loss, accuracy: summary.accuracy });
  });

  test('--samples trains on that many', async () => {
    const { out } = await run([...table, '--epochs', '1', '--samples', '50']);
    expect(out).toContain('on 50 examples of');
  });
});

describe('what cannot be done is a fault', () => {
  test('weights that ran away are said, and not saved', async () => {
    const file = join(folder, 'lost.safetensors');
    const done = run([
      ...table,
      '--optimizer',
      'sgd',
      '--learning-rate',
      '1e30',
      '--epochs',
      '2',
      '--save',
      file,
    ]);
    await expect(done).rejects.toMatchObject({
      code: 'TRAINING_DIVERGED',
      hint: expect.stringContaining('--clip-norm') as string,
    });
    expect(existsSync(file)).toBe(false);
  });

  test.each([
    ['a folder that is not there', () => join(folder, 'nowhere', 'w.safetensors'), 'ENOENT'],
    ['a folder', () => folder, 'it is a folder'],
  ])('--save to %s, before anything is trained', async (_, path, message) => {
    let out = '';
    const command = trainCommand({ write: (text: string) => (out += text) }).exitOverride();
    const done = command.parseAsync([...table, '--save', path()], { from: 'user' });
    await expect(done).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining(message) as string,
    });
    expect(out).toBe('');
  });

  test.each<[string, string[], object]>([
    ['an unknown model', ['lenet'], { code: 'MODEL_INVALID', hint: 'Did you mean "lenet5"?' }],
    ['an unknown dataset', ['mlp-200', '--dataset', 'mnits'], { code: 'DATASET_UNKNOWN' }],
    [
      'an unknown loss',
      ['mlp-200', '--loss', 'crossEntropie'],
      { code: 'OPTION_INVALID', hint: 'Did you mean "crossEntropy"?' },
    ],
    [
      'momentum under adam',
      ['lenet5', '--momentum', '0.9'],
      { code: 'OPTION_INVALID', message: expect.stringContaining('uses adam') as string },
    ],
    [
      'the options of a table without the dataset of tables',
      ['mlp-200', '--path', 'people.csv', '--label', 'income'],
      { code: 'OPTION_INVALID', message: '--path means nothing to the dataset mnist' },
    ],
    [
      'momentum of 1',
      ['mlp-200', '--momentum', '1'],
      { code: 'OPTION_INVALID', message: expect.stringContaining('momentum') as string },
    ],
  ])('%s', async (_, args, fault) => {
    await expect(run(args)).rejects.toMatchObject(fault);
  });

  test.each([
    ['--epochs', '0'],
    ['--epochs', '1.5'],
    ['--batch-size', 'many'],
    ['--learning-rate', '-1'],
    ['--momentum', ''],
    ['--optimizer', 'lion'],
    ['--backend', 'torch'],
  ])('%s %s', async (option, value) => {
    const command = trainCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => undefined });
    const parsed = command.parseAsync(['mlp-200', option, value], { from: 'user' });
    await expect(parsed).rejects.toMatchObject({ code: 'commander.invalidArgument', exitCode: 1 });
  });
});

describe('the program', () => {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url));
  const flobc = (...args: string[]) =>
    spawnSync(
      process.execPath,
      ['--conditions=source', '--disable-warning=ExperimentalWarning', main, ...args],
      {
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1' },
      },
    );

  test('ends with 1 for a fault, which goes to stderr with what to do', () => {
    const { status, stdout, stderr } = flobc('train', 'lenet');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toBe(
      'error there is no model "lenet", built in or as a file\n  Did you mean "lenet5"?\n  docs/errors/MODEL_INVALID.md\n',
    );
    const json = flobc('train', 'lenet', '--json');
    expect(json).toMatchObject({ status: 1, stdout: '' });
    expect(JSON.parse(json.stderr)).toMatchObject({
      error: { code: 'MODEL_INVALID', hint: 'Did you mean "lenet5"?' },
    });
  });

  test('--help has examples, and every option its meaning', () => {
    const { status, stdout, stderr } = flobc('train', '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Examples:\n  $ flobc train\n');
    expect(stdout).toContain('flobc-cnn');
    for (const option of [
      '--dataset',
      '--epochs',
      '--optimizer',
      '--learning-rate',
      '--seed',
      '--save',
      '--json',
      '--workers',
    ])
      expect(stdout).toContain(option);
    expect(flobc('--help').stdout).toContain('$ flobc data list');
  });
});
