import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Dataset } from '#libs/data';
import { Fault } from '#libs/fault';
import { asFloats, demanding, layer, modelOf, part, patterns, regression } from './examples.fixture.ts';
import type { HyperInput } from './hyper.ts';
import { openLearner, type Learner } from './learner.ts';
import type { ModelDescription } from './model/model.ts';
import type { LayerJson } from './model/topology.ts';

/** The fault that a promise ends in; anything else, success included, fails the test. */
async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  const outcome: unknown = await promise.then(
    () => 'no fault',
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(Fault);
  return outcome as Fault;
}

const last = layer('Dense', { name: 'last', units: 3, activation: 'softmax' });
const flatten = layer('Flatten', { name: 'flatten' });
const conv = (config: object) =>
  layer('Conv2D', { name: 'conv', filters: 2, kernel_size: [3, 3], ...config });
const dense = (config: object) => layer('Dense', { name: 'dense', units: 4, ...config });

const wrongModels: [string, readonly LayerJson[], message: RegExp, hint?: RegExp][] = [
  [
    'a softmax that something follows',
    [flatten, last, layer('Flatten', { name: 'again' })],
    /crossEntropy cannot see the last activation, in "last"/,
  ],
  ['two layers of one name', [flatten, dense({ name: 'last' }), last], /two layers are called "last"/],
  [
    'a window larger than its image',
    [conv({ kernel_size: [9, 9] }), flatten, last],
    /layer 0 "conv" \(Conv2D\): a window of 9 x 9 does not fit; its input has shape \[8, 8, 1\]/,
  ],
  [
    'a window larger than what is left of its image',
    [conv({}), layer('MaxPooling2D', { name: 'pool', pool_size: [7, 7] }), flatten, last],
    /layer 1 "pool" \(MaxPooling2D\): a window of 7 x 7 does not fit; its input has shape \[6, 6, 2\]/,
  ],
  [
    'a window that only tfjs has, larger than its image',
    [layer('DepthwiseConv2D', { name: 'depth', kernel_size: [9, 9] }), flatten, last],
    /layer "depth" would give shape \[0, 0, 1\]/,
    /window/,
  ],
  [
    'a convolution behind a Flatten',
    [flatten, conv({}), last],
    /layer 1 "conv" \(Conv2D\): needs images of shape \[height, width, channels\]; its input has shape \[64\]/,
  ],
  ['images as output', [last], /output is \[8, 8, 3\]; needed is one vector/],
  [
    'a layer without its size',
    [flatten, layer('Dense', { name: 'bare' }), last],
    /layer 1 "bare" \(Dense\): units: /,
  ],
  ['a size that is none', [flatten, dense({ units: 0 }), last], /layer 1 "dense" \(Dense\): units: /],
  [
    'an unknown layer',
    [flatten, layer('Dens', { name: 'typo' }), last],
    /layer 1 "typo" \(Dens\)/,
    /"Dense"/,
  ],
  [
    'an unknown activation',
    [flatten, dense({ activation: 'reluu' }), last],
    /layer 1 "dense".*"reluu"/,
    /"relu"/,
  ],
  [
    'an unknown activation on its own',
    [flatten, layer('Activation', { name: 'own', activation: 'sofmax' }), last],
    /layer 1 "own" \(Activation\).*"sofmax"/,
    /"softmax"/,
  ],
  [
    'an unknown initializer',
    [flatten, dense({ kernel_initializer: { class_name: 'GlorotUnifrom', config: {} } }), last],
    /layer 1 "dense" \(Dense\): there is no initializer "GlorotUnifrom"/,
    /"GlorotUniform"/,
  ],
  [
    'sigmoid before cross-entropy',
    [flatten, layer('Dense', { name: 'last', units: 3, activation: 'sigmoid' })],
    /layer 1 "last" \(Dense\): the last layer ends in sigmoid; crossEntropy needs softmax or linear/,
    /another loss/,
  ],
];

const damaged: [string, unknown, RegExp][] = [
  ['no layers', { class_name: 'Sequential', config: {} }, /a Sequential model without a list of layers/],
  ['an empty list', { class_name: 'Sequential', config: { layers: [] } }, /does not state its input shape/],
  [
    'no layers of a functional model',
    { class_name: 'Functional', config: {} },
    /Functional.* no list of layers/,
  ],
  ['an unknown class', { class_name: 'Forest', config: { layers: [] } }, /there is no layer "Forest"/],
  [
    'no input shape',
    { class_name: 'Sequential', config: { layers: [flatten, last] } },
    /first layer does not state its input shape/,
  ],
  [
    'a dimension left open',
    {
      class_name: 'Sequential',
      config: { layers: [conv({ batch_input_shape: [null, null, 8, 1] }), flatten, last] },
    },
    /first layer does not state its input shape/,
  ],
];

describe('a mistake in a model is a fault that names the layer, when it is opened', () => {
  test.each(wrongModels)('%s', async (_, layers, message, hint = /./) => {
    const fault = await faultOf(openLearner({ model: modelOf(layers), workers: 1 }));
    expect(fault).toMatchObject({ code: 'MODEL_INVALID' });
    expect(fault.message).toMatch(message);
    expect(fault.message).not.toContain('\n');
    expect(fault.hint).toMatch(hint);
  });

  test.each(damaged)('%s', async (_, topology, message) => {
    const model = { name: 'damaged', topology, loss: 'crossEntropy' } as ModelDescription;
    const fault = await faultOf(openLearner({ model, workers: 1 }));
    expect(fault).toMatchObject({ code: 'MODEL_INVALID' });
    expect(fault.message).toMatch(message);
  });

  test('an unknown loss, with the nearest', async () => {
    const fault = await faultOf(openLearner({ model: { ...regression, loss: 'crossEntrop' } }));
    expect(fault).toMatchObject({ code: 'OPTION_INVALID', message: 'unknown loss "crossEntrop"' });
    expect(fault.hint).toContain('"crossEntropy"');
  });

  test.each([0, -1, 1.5, NaN])('%d threads', async (workers) => {
    const fault = await faultOf(openLearner({ model: regression, workers }));
    expect(fault).toMatchObject({ code: 'OPTION_INVALID' });
    expect(fault.message).toContain(`workers: ${workers}`);
  });
});

describe('a mistake in data or options is a fault before anything is trained', () => {
  const images = patterns({ size: 60 });
  let learner: Learner;
  beforeAll(async () => {
    learner = await openLearner({ model: regression, workers: 1 });
  });
  afterAll(() => learner.close());

  async function trainingFault(dataset: Dataset, hyper: HyperInput = {}, to = 40): Promise<Fault> {
    const parameters = await learner.initialise(1);
    const trained = learner.train({
      parameters,
      shard: part(dataset, 0, to),
      hyper,
      seed: 1,
      onProgress: () => expect.unreachable('it trains'),
    });
    return faultOf(trained);
  }

  const mended = (change: (dataset: Dataset) => Partial<Dataset>) => ({ ...images, ...change(images) });
  const wrong: [string, Dataset, string, RegExp][] = [
    [
      'a label out of range',
      mended(({ labels }) => ({ labels: Uint8Array.from(labels, (label, i) => (i === 7 ? 3 : label)) })),
      'DATA_UNSUITABLE',
      /patterns: example 7 has the label 3, and labels are 0 to 2/,
    ],
    [
      'NaN',
      mended(() => ({
        features: Float32Array.from(asFloats(images).features, (v, i) => (i === 64 * 5 + 2 ? NaN : v)),
      })),
      'DATA_UNSUITABLE',
      /patterns: example 5 has the value NaN as feature 2/,
    ],
    [
      'examples of another shape',
      patterns({ side: 7 }),
      'MODEL_INVALID',
      /stack reads examples of shape \[8, 8, 1\] and patterns has \[7, 7, 1\]/,
    ],
    [
      'more classes than outputs',
      patterns({ classes: 4 }),
      'MODEL_INVALID',
      /stack does not fit patterns: 3 outputs cannot name 4 classes/,
    ],
    [
      'real targets under cross-entropy',
      mended(({ labels }) => ({ classes: 0, labels: Float32Array.from(labels) })),
      'MODEL_INVALID',
      /use meanSquaredError/,
    ],
  ];

  test.each(wrong)('%s', async (_, dataset, code, message) => {
    const fault = await trainingFault(dataset);
    expect(fault.code).toBe(code);
    expect(fault.message).toMatch(message);
    const parameters = await learner.initialise(1);
    expect((await faultOf(learner.evaluate([parameters], part(dataset, 0, 40)))).message).toBe(fault.message);
  });

  test('a label out of range outside of the shard is none of its business', async () => {
    const [, dataset] = wrong[0]!;
    const parameters = await learner.initialise(1);
    await learner.train({ parameters, shard: part(dataset, 8, 20), hyper: {}, seed: 1 });
  });

  test('an empty shard', async () => {
    const fault = await trainingFault(images, {}, 0);
    expect(fault).toMatchObject({
      code: 'DATA_UNSUITABLE',
      message: 'patterns: the shard holds no examples.',
    });
  });

  test('hyper-parameters, all that are wrong at once', async () => {
    const fault = await trainingFault(images, {
      epochs: 0,
      batchSize: 1.5,
      weightDecay: -1,
      optimizer: { kind: 'sgd', learningRate: -0.1, momentum: 1 },
    });
    expect(fault.code).toBe('OPTION_INVALID');
    for (const name of ['epochs', 'batchSize', 'weightDecay', 'optimizer.learningRate', 'optimizer.momentum'])
      expect(fault.message).toContain(`${name}: `);
    expect(fault.facts.problems).toHaveLength(5);
    const unknown = await trainingFault(images, { rate: 3 } as HyperInput);
    expect(unknown.message).toContain('rate');
  });

  test('parameters of another model', async () => {
    const parameters = { layout: [], values: new Float32Array(7) };
    const shard = part(images, 0, 10);
    const fault = await faultOf(learner.train({ parameters, shard, hyper: {}, seed: 1 }));
    expect(fault).toMatchObject({
      code: 'MODEL_INVALID',
      message: 'stack has 195 parameters, and 7 were given',
    });
    expect(await faultOf(learner.evaluate([parameters], shard))).toMatchObject({ message: fault.message });
  });

  test('the state of another optimizer', async () => {
    const request = { parameters: await learner.initialise(1), shard: part(images, 0, 10), seed: 1 };
    const { state } = await learner.train({ ...request, hyper: {} });
    const fault = await faultOf(learner.train({ ...request, state, hyper: { optimizer: { kind: 'adam' } } }));
    expect(fault.code).toBe('OPTION_INVALID');
    expect(fault.message).toContain('adam cannot go on from the state of another optimizer');
  });

  test('binary cross-entropy of a model or of data that is not binary', async () => {
    const binary = modelOf(
      [flatten, layer('Dense', { units: 1, activation: 'sigmoid' })],
      'binaryCrossEntropy',
    );
    const own = await openLearner({ model: binary, workers: 1 });
    const parameters = await own.initialise(1);
    const fault = await faultOf(own.evaluate([parameters], part(images, 0, 10)));
    await own.close();
    expect(fault.message).toContain('binary cross-entropy needs 2 classes and the data has 3');
  });

  test('a model that is right for one dataset stays so', async () => {
    const own = await openLearner({ model: demanding, workers: 1 });
    const parameters = await own.initialise(1);
    await faultOf(own.evaluate([parameters], part(patterns({ classes: 4 }), 0, 10)));
    expect(await own.evaluate([parameters], part(images, 0, 10))).toHaveLength(1);
    await own.close();
  });
});
