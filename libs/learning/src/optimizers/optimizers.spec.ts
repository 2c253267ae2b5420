import * as ort from 'onnxruntime-node';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type * as core from '@tensorflow/tfjs-core';
import { generator } from '#libs/random';
import { loadTfjs } from '../engine/tfjs-runtime.ts';
import { plainGradient } from '../model/layers/layer.ts';
import { Graph, type Value } from '../onnx/graph.ts';
import { createOptimizer, optimizerConfig, type Optimizer, type OptimizerConfig } from './index.ts';

let tf: typeof core;
beforeAll(async () => {
  ({ tf } = await loadTfjs());
  await tf.setBackend('cpu');
});

const size = 6;
const steps = 8;

/** The curve that is descended: sum of c (w - m)^2 / 2, with gradient c (w - m). */
interface Bowl {
  readonly start: Float32Array;
  readonly curvature: Float32Array;
  readonly middle: Float32Array;
}

function bowl(seed: number): Bowl {
  const random = generator(seed).split('bowl');
  const draw = (of: () => number) => Float32Array.from({ length: size }, of);
  return {
    start: draw(() => random.normal()),
    curvature: draw(() => 0.5 + random.uniform()),
    middle: draw(() => random.normal()),
  };
}

const gradientAt = ({ curvature, middle }: Bowl, w: Float32Array) =>
  w.map((v, i) => curvature[i]! * (v - middle[i]!));
const height = ({ curvature, middle }: Bowl, w: Float32Array) =>
  w.reduce((sum, v, i) => sum + (curvature[i]! * (v - middle[i]!) ** 2) / 2, 0);

/** Weights after each step, by a step that maps weight, gradient and slots to new ones. */
type Step = (w: Float32Array, g: Float32Array, slots: Float32Array[], n: number) => Promise<Float32Array[]>;
async function descend(on: Bowl, slots: number, step: Step, count = steps): Promise<Float32Array[]> {
  let now = [on.start, ...Array.from({ length: slots }, () => new Float32Array(size))];
  const path: Float32Array[] = [];
  for (let n = 1; n <= count; n++) {
    const [w, ...vectors] = now as [Float32Array, ...Float32Array[]];
    now = await step(w, gradientAt(on, w), vectors, n);
    path.push(now[0]!);
  }
  return path;
}

/** As the tfjs backend takes it. */
const tfjsStep =
  (optimizer: Optimizer): Step =>
  (w, g, slots, n) => {
    const moved = optimizer.tfjs(
      tf,
      tf.tensor(w),
      tf.tensor(g),
      slots.map((s) => tf.tensor(s)),
      optimizer.scalars(n),
    );
    return Promise.resolve(
      [moved.weight, ...moved.slots].map((tensor) => tensor.dataSync<'float32'>().slice()),
    );
  };

/** As the compiled backend takes it: the optimizer alone, as a graph. */
async function compiledStep(optimizer: Optimizer): Promise<Step> {
  const graph = new Graph();
  const scalars = new Map<string, Value>();
  const scalar = (name: string) => {
    if (!scalars.has(name)) scalars.set(name, graph.input(name, []));
    return scalars.get(name)!;
  };
  const slotNames = Array.from({ length: optimizer.slots }, (_, k) => `slot_${k}`);
  const moved = optimizer.compiled(
    graph,
    graph.input('weight', [size]),
    plainGradient(graph, graph.input('gradient', [size])),
    slotNames.map((name) => graph.input(name, [size])),
    scalar,
  );
  const names = ['new_weight', ...slotNames.map((name) => `new_${name}`)];
  for (const [i, value] of [moved.weight, ...moved.slots].entries()) graph.output(names[i]!, value, [size]);
  const session = await ort.InferenceSession.create(graph.bytes(), { intraOpNumThreads: 1 });
  const vector = (values: Float32Array) => new ort.Tensor('float32', values.slice(), [size]);
  return async (w, g, slots, n) => {
    const numbers = optimizer.scalars(n);
    const feeds: Record<string, ort.Tensor> = { weight: vector(w), gradient: vector(g) };
    for (const [k, slot] of slots.entries()) feeds[slotNames[k]!] = vector(slot);
    for (const name of scalars.keys()) feeds[name] = new ort.Tensor('float32', [numbers[name]!], []);
    const output = await session.run(feeds);
    return names.map((name) => (output[name]!.data as Float32Array).slice());
  };
}

/** The path of tfjs' own optimizer, an implementation that shares nothing with ours. */
function referencePath(on: Bowl, reference: core.Optimizer): Float32Array[] {
  const variable = tf.variable(tf.tensor(on.start));
  const path = Array.from({ length: steps }, () => {
    const gradient = tf.tensor(gradientAt(on, variable.dataSync<'float32'>()));
    reference.applyGradients([{ name: variable.name, tensor: gradient }]);
    return variable.dataSync<'float32'>().slice();
  });
  variable.dispose();
  reference.dispose();
  return path;
}

function farthest(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  return Math.max(...a.flatMap((vector, n) => Array.from(vector, (v, i) => Math.abs(v - b[n]![i]!))));
}

const rate = fc.double({ min: 0.01, max: 0.3, noNaN: true });
const share = fc.double({ min: 0.1, max: 0.95, noNaN: true });
const kinds: [string, fc.Arbitrary<OptimizerConfig>, (config: never) => core.Optimizer][] = [
  [
    'sgd',
    rate.map((learningRate) => optimizerConfig.parse({ kind: 'sgd', learningRate })),
    ({ learningRate }: { learningRate: number }) => tf.train.sgd(learningRate),
  ],
  ...[false, true].map((nesterov): (typeof kinds)[number] => [
    nesterov ? 'nesterov' : 'momentum',
    fc
      .tuple(rate, share)
      .map(([learningRate, momentum]) => ({ kind: 'sgd', learningRate, momentum, nesterov })),
    ({ learningRate, momentum }: { learningRate: number; momentum: number }) =>
      tf.train.momentum(learningRate, momentum, nesterov),
  ]),
  [
    'adam',
    fc
      .tuple(rate, share, share)
      .map(([learningRate, beta1, beta2]) =>
        optimizerConfig.parse({ kind: 'adam', learningRate, beta1, beta2 }),
      ),
    (c: { learningRate: number; beta1: number; beta2: number; epsilon: number }) =>
      tf.train.adam(c.learningRate, c.beta1, c.beta2, c.epsilon),
  ],
];

describe.each(kinds)('%s', (name, configs, referenceOf) => {
  test('takes the steps of tfjs, on both backends', async () => {
    await fc.assert(
      fc.asyncProperty(configs, fc.nat(), async (config, seed) => {
        const on = bowl(seed);
        const optimizer = createOptimizer(config);
        const expected = referencePath(on, referenceOf(config as never));
        expect(farthest([expected[0]!], [on.start])).toBeGreaterThan(1e-3);
        expect(farthest(await descend(on, optimizer.slots, tfjsStep(optimizer)), expected)).toBeLessThan(
          1e-4,
        );
        const compiled = await descend(on, optimizer.slots, await compiledStep(optimizer));
        expect(farthest(compiled, expected)).toBeLessThan(1e-4);
      }),
      { numRuns: 25 },
    );
  });

  test('gets to the bottom', async () => {
    const config = optimizerConfig.parse({
      kind: name === 'adam' ? 'adam' : 'sgd',
      learningRate: 0.1,
      ...(name === 'adam' || name === 'sgd' ? {} : { momentum: 0.8, nesterov: name === 'nesterov' }),
    });
    const optimizer = createOptimizer(config);
    const on = bowl(1);
    const path = await descend(on, optimizer.slots, await compiledStep(optimizer), 150);
    expect(height(on, path.at(-1)!)).toBeLessThan(0.001 * height(on, on.start));
  });
});

test('hyper-parameters are those of the papers where nobody says otherwise, and out of range they are refused', () => {
  expect(optimizerConfig.parse({ kind: 'adam' })).toEqual({
    kind: 'adam',
    learningRate: 1e-3,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-7,
  });
  expect(optimizerConfig.parse({ kind: 'sgd', learningRate: 1 })).toMatchObject({
    momentum: 0,
    nesterov: false,
  });
  for (const wrong of [{ kind: 'sgd', learningRate: 0 }, { kind: 'adam', beta2: 1 }, { kind: 'lion' }])
    expect(optimizerConfig.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
});
