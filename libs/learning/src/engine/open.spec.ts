import { beforeAll, describe, expect, test } from 'vitest';
import { halves, layer, modelOf, patterns } from '../examples.fixture.ts';
import { parseHyper } from '../hyper.ts';
import { openLearner } from '../learner.ts';
import { loadModel } from '../model/load.ts';
import type { ModelDescription } from '../model/model.ts';
import { evaluatePart, evaluationOf, type Evaluation } from '../training/evaluate.ts';
import { train } from '../training/train.ts';
import { openEngine } from './open.ts';

const flatten = layer('Flatten', { name: 'flatten' });
const last = layer('Dense', { name: 'last', units: 3, activation: 'softmax' });

/** Input, two paths, their sum, output: what a Sequential model cannot be. */
const functional: ModelDescription = {
  name: 'two paths',
  loss: 'crossEntropy',
  topology: {
    class_name: 'Functional',
    config: {
      name: 'two_paths',
      layers: [
        node('InputLayer', { name: 'input', batch_input_shape: [null, 8, 8, 1] }),
        node('Flatten', { name: 'flatten' }, 'input'),
        node('Dense', { name: 'left', units: 8, activation: 'relu' }, 'flatten'),
        node('Dense', { name: 'right', units: 8, activation: 'tanh' }, 'flatten'),
        node('Add', { name: 'sum' }, 'left', 'right'),
        node('Dropout', { name: 'drop', rate: 0.1 }, 'sum'),
        node('Dense', { name: 'last', units: 3, activation: 'softmax' }, 'drop'),
      ],
      input_layers: [['input', 0, 0]],
      output_layers: [['last', 0, 0]],
    },
  },
};

function node(class_name: string, config: { name: string; [key: string]: unknown }, ...inputs: string[]) {
  const inbound_nodes = inputs.length === 0 ? [] : [inputs.map((name) => [name, 0, 0, {}])];
  return { class_name, name: config.name, config, inbound_nodes };
}

const uncovered: [string, ModelDescription, notice: string][] = [
  [
    'DepthwiseConv2D',
    modelOf([
      layer('DepthwiseConv2D', { name: 'depth', kernel_size: [3, 3], depth_multiplier: 2 }),
      flatten,
      last,
    ]),
    'layer 0 "depth" (DepthwiseConv2D): the compiled backend has no DepthwiseConv2D',
  ],
  [
    'LSTM',
    modelOf([layer('LSTM', { name: 'memory', units: 6 }), last], 'crossEntropy', [8, 8]),
    'layer 0 "memory" (LSTM): the compiled backend has no LSTM',
  ],
  ['a functional model with Add', functional, 'Functional: only Sequential models are covered'],
  [
    'noise',
    modelOf([flatten, layer('GaussianNoise', { name: 'noise', stddev: 0.1 }), last]),
    'layer 1 "noise" (GaussianNoise): the compiled backend has no GaussianNoise',
  ],
];

const small = { name: 'conv', filters: 3, kernel_size: [3, 3] };
const beyond: [string, ModelDescription][] = [
  [
    'softmax in a convolution',
    modelOf([layer('Conv2D', { ...small, activation: 'softmax' }), flatten, last]),
  ],
  [
    'a normalization with a regularizer',
    modelOf([
      layer('BatchNormalization', {
        name: 'n',
        gamma_regularizer: { class_name: 'L1L2', config: { l2: 1 } },
      }),
      flatten,
      last,
    ]),
  ],
  ['a relu cut off at 1', modelOf([flatten, layer('ReLU', { name: 'relu', max_value: 1 }), last])],
];

test.each(beyond)('%s is not covered, and goes to tfjs', async (_, model) => {
  const { engine, notice } = await openEngine(model, 'auto');
  expect(engine.backend).toBe('tfjs');
  expect(notice).toContain('does not cover layer');
});

const images = patterns({ size: 160 });
const rows = { ...images, shape: [8, 8] };

const hyper = parseHyper({ optimizer: { kind: 'adam', learningRate: 0.02 }, epochs: 8, batchSize: 20 });

/** A training in this thread, from fresh weights on, with the evaluation of both. */
async function trained(model: ModelDescription, seed: number) {
  const { engine } = await openEngine(model, 'auto');
  const { train: shard, test } = halves(engine.inputShape.length === 2 ? rows : images);
  const values = await engine.initialise(seed);
  const result = await train(engine, { values, shard, hyper, seed });
  const sums = await evaluatePart(engine, [values, result.values], test, 0, test.indices.length);
  const [before, after] = sums.map((sum) => evaluationOf([sum])) as [Evaluation, Evaluation];
  return { ...result, before, after };
}

describe('auto', () => {
  test('is the compiled backend where that covers the model', async () => {
    const { engine, notice } = await openEngine(await loadModel('lenet5'), 'auto');
    expect(engine.backend).toBe('compiled');
    expect(engine.version).toMatch(/^onnxruntime-node \d+\.\d+/);
    expect(notice).toBeUndefined();
  });

  test.each(uncovered)('is tfjs for %s, says why, and trains', async (_, model, why) => {
    const { engine, notice } = await openEngine(model, 'auto');
    expect(engine.backend).toBe('tfjs');
    expect(notice).toMatch(
      /^training on tfjs \((tensorflow|wasm|cpu)\), the compiled backend does not cover /,
    );
    expect(notice).toContain(why);
    const first = await trained(model, 1);
    expect(first.after.loss).toBeLessThan(0.6 * first.before.loss);
    expect(first.after.accuracy).toBeGreaterThan(0.8);
    expect(await trained(model, 1)).toEqual(first);
    expect((await trained(model, 2)).values).not.toEqual(first.values);
  });
});

test('tfjs in the threads of a learner gives the same bytes, however many they are', async () => {
  const round = async (workers: number) => {
    const learner = await openLearner({ model: functional, workers });
    const parameters = await learner.initialise(1);
    const shards = Object.values(halves(images));
    const trainings = await Promise.all(
      shards.map((shard) => learner.train({ parameters, shard, hyper: { batchSize: 20 }, seed: 3 })),
    );
    await learner.close();
    return { parameters, trainings };
  };
  const single = await round(1);
  expect(single.trainings[0]!.parameters).not.toEqual(single.trainings[1]!.parameters);
  expect(await round(2)).toEqual(single);
});

test.each(uncovered)(
  'compiled, insisted on for %s, is a fault that names the layer',
  async (_, model, why) => {
    const [place] = why.split(': ') as [string];
    await expect(openEngine(model, 'compiled')).rejects.toMatchObject({
      code: 'MODEL_NOT_COVERED',
      message: expect.stringContaining(place) as string,
      hint: expect.stringContaining('--backend tfjs') as string,
    });
  },
);

test('tfjs, asked for, is what one gets, with the same tensors', async () => {
  const model = await loadModel('lenet5');
  const { engine, notice } = await openEngine(model, 'tfjs');
  expect(engine.backend).toBe('tfjs');
  expect(notice).toMatch(/^training on tfjs \(\w+\), as asked$/);
  const { engine: compiled } = await openEngine(model, 'compiled');
  expect(engine.layout).toEqual(compiled.layout);
  // A second model of the same names in one process: tfjs numbers its variables, a layout does not.
  expect((await openEngine(model, 'tfjs')).engine.layout).toEqual(compiled.layout);
});

describe('what a layer asks for beyond its arithmetic is done on tfjs', () => {
  const dense = (config: object) => layer('Dense', { name: 'dense', units: 5, ...config });
  const initializer = { kernel_initializer: { class_name: 'Constant', config: { value: 0.5 } } };
  const model = (config: object) => modelOf([flatten, dense({ ...initializer, ...config }), last]);
  const kernel = ({ values }: { values: Float32Array }) => values.subarray(0, 64 * 5);
  let free: Float32Array;
  beforeAll(async () => {
    free = kernel(await trained(model({}), 1)).slice();
  });

  test('a frozen layer stays as it is', async () => {
    expect(new Set(free).size).toBeGreaterThan(5);
    expect(new Set(kernel(await trained(model({ trainable: false }), 1)))).toEqual(new Set([0.5]));
  });

  test('a regularizer pulls weights towards zero', async () => {
    const l2 = { class_name: 'L1L2', config: { l1: 0, l2: 1 } };
    const pulled = kernel(await trained(model({ kernel_regularizer: l2 }), 1));
    const size = (values: Float32Array) => values.reduce((sum, v) => sum + v * v, 0);
    expect(size(pulled)).toBeLessThan(0.8 * size(free));
  });

  test('a constraint holds after every step', async () => {
    const nonNegative = { class_name: 'NonNeg', config: {} };
    const start = {
      kernel_initializer: { class_name: 'RandomUniform', config: { minval: -0.1, maxval: 0.1 } },
    };
    const result = await trained(model({ ...start, kernel_constraint: nonNegative }), 1);
    const held = kernel(result);
    expect(Math.min(...held)).toBe(0);
    expect(Math.max(...held)).toBeGreaterThan(0);
    expect(result.after.loss).toBeLessThan(result.before.loss);
  });
});
