import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadDataset, type Dataset } from '#libs/data';
import { decode, loadModel, openLearner, type Evaluation, type Parameters } from '#libs/learning';
import { runSource } from './run-source.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flobc-pooled-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The lines of `flobc train --json`, one an epoch and the summary. */
async function flobcTrain(...args: string[]): Promise<{ epochs: { test: Evaluation }[]; accuracy: number }> {
  const { code, stdout, stderr } = await runSource('apps/cli/src/main.ts', ['train', ...args, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { test: Evaluation; accuracy: number });
  return { epochs: lines.slice(0, -1), accuracy: lines.at(-1)!.accuracy };
}

/** How many of each digit there are among the 10,000 test images. */
const digits = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009];

async function saved(model: string, file: string): Promise<Parameters> {
  const learner = await openLearner({ model: await loadModel(model), workers: 1 });
  await learner.close();
  const decoded = decode('float32', await readFile(file), learner.layout);
  if (decoded.kind === 'refused') throw new Error(decoded.reason);
  return decoded.parameters;
}

/** The share of images that a multilayer perceptron names rightly, by three loops. */
function perceptronAccuracy({ layout, values }: Parameters, { features, labels, size }: Dataset): number {
  let correct = 0;
  for (let image = 0; image < size; image++) {
    let x = Array.from(features.subarray(784 * image, 784 * (image + 1)), (byte) => byte / 255);
    for (let l = 0; l < layout.length; l += 2) {
      const [kernel, bias] = [layout[l]!, layout[l + 1]!];
      const y = Array.from(values.subarray(bias.offset, bias.offset + bias.size));
      for (const [i, v] of x.entries())
        if (v > 0) for (let o = 0; o < y.length; o++) y[o]! += v * values[kernel.offset + i * y.length + o]!;
      x = l + 2 < layout.length ? y.map((v) => Math.max(v, 0)) : y;
    }
    if (x.indexOf(Math.max(...x)) === labels[image]) correct++;
  }
  return correct / size;
}

test('three epochs on 10,000 images name nine of ten test images, by the report and by the saved weights', async () => {
  const file = join(folder, 'weights.safetensors');
  const run = ['mlp-200', '--samples', '10000', '--epochs', '3', '--seed', '1'];
  const { epochs, accuracy } = await flobcTrain(...run, '--save', file);
  console.info(`mlp-200, 10,000 images, 3 epochs: ${accuracy}`);
  expect(epochs).toHaveLength(3);
  expect(accuracy).toBeGreaterThan(0.9);
  const { perClass, samples } = epochs[2]!.test;
  expect(samples).toBe(10_000);
  expect(perClass.map(({ examples }) => examples)).toEqual(digits);
  expect(perClass.reduce((sum, { correct }) => sum + correct, 0) / 10_000).toBe(accuracy);

  const { test: images } = await loadDataset('mnist');
  const counted = perceptronAccuracy(await saved('mlp-200', file), images!);
  expect(Math.abs(counted - accuracy)).toBeLessThanOrEqual(2e-4); // two images may lie on the border of two digits
});

const goals: [string, epochs: number, accuracy: number][] = [
  ['flobc-cnn', 3, 0.978],
  ['mlp-200', 5, 0.97],
  ['lenet5', 3, 0.985],
];

describe.runIf(process.env.FLOBC_LONG === '1')('all of MNIST, with the defaults of the command', () => {
  describe.each(goals)('%s: after %d epochs at least %d', (model, epochs, goal) => {
    test.each([1, 2, 3])('seed %d', { timeout: 1_800_000 }, async (seed) => {
      const trained = await flobcTrain(model, '--seed', String(seed));
      console.info(`${model}, seed ${seed}: ${trained.epochs.map(({ test }) => test.accuracy).join(', ')}`);
      expect(trained.epochs).toHaveLength(epochs);
      expect(trained.accuracy).toBeGreaterThanOrEqual(goal);
    });
  });
});
