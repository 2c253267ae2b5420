import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { io } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Fault } from '#libs/fault';
import { generator } from '#libs/random';
import { compiledEngine } from '../engine/compiled.ts';
import { loadTfjs, type TfjsRuntime } from '../engine/tfjs-runtime.ts';
import { layer, modelOf } from '../examples.fixture.ts';
import { loadModel } from './load.ts';
import { coverModel, type CoveredModel } from './model.ts';
import ownModel from './own-model.fixture.ts';
import { placeWeights } from './weights-manifest.ts';

let folder: string;
let runtime: TfjsRuntime;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flobc-model-'));
  runtime = await loadTfjs();
});
afterAll(() => rm(folder, { recursive: true }));

let written = 0;
/** Puts a file into the folder of this test, under a name of its own. */
async function write(content: string | object, ending = '.json'): Promise<string> {
  const path = join(folder, `model-${written++}${ending}`);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const covered = async (path: string) => coverModel(await loadModel(path)) as CoveredModel;
const moduleFile = fileURLToPath(new URL('./own-model.fixture.ts', import.meta.url));

/** Where tfjs has been saved: its `model.json` beside two files with the weights, as its own savers write them. */
async function saved(): Promise<{ path: string; outputs: Float32Array; images: Float32Array }> {
  const { tf } = runtime;
  const model = ownModel();
  const random = generator('saved');
  const draws = (length: number, scale: number) =>
    Float32Array.from({ length }, () => scale * random.uniform());
  model.setWeights(model.getWeights().map((w) => tf.tensor(draws(w.size, 0.2), w.shape)));
  const images = draws(5 * 64, 1);
  const outputs = (
    model.predict(tf.tensor(images, [5, 8, 8, 1])) as ReturnType<typeof tf.tensor>
  ).dataSync<'float32'>();
  let artifacts: io.ModelArtifacts | undefined;
  await model.save({
    save: (given: io.ModelArtifacts) => {
      artifacts = given;
      return Promise.resolve({
        modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const },
      });
    },
  });
  const bytes = Buffer.from(artifacts!.weightData as ArrayBuffer);
  await writeFile(join(folder, 'group1-shard1of2.bin'), bytes.subarray(0, 100));
  await writeFile(join(folder, 'group1-shard2of2.bin'), bytes.subarray(100));
  const weightsManifest = [
    { paths: ['group1-shard1of2.bin', 'group1-shard2of2.bin'], weights: artifacts!.weightSpecs },
  ];
  const path = await write({ modelTopology: artifacts!.modelTopology, weightsManifest });
  return { path, outputs, images };
}

function softmax(logits: Float32Array): Float32Array {
  return logits.map((_, i) => {
    const row = logits.subarray(i - (i % 3), i - (i % 3) + 3);
    return Math.exp(logits[i]!) / row.reduce((sum, v) => sum + Math.exp(v), 0);
  });
}

describe('a model.json of tfjs', () => {
  test('comes with its weights, and gives what tfjs gives', async () => {
    const { path, outputs, images } = await saved();
    const description = await loadModel(path);
    const model = coverModel(description) as CoveredModel;
    const values = placeWeights(description.weights!, model.layout, path);
    const batch = { samples: 5, features: images, targets: new Float32Array(15), masks: [] };
    const ours = softmax((await compiledEngine(model).evaluate(values, batch)).outputs);
    expect(new Set(outputs).size).toBe(15);
    for (const [i, output] of outputs.entries()) expect(ours[i]).toBeCloseTo(output, 5);
  });

  test('whose weights have other names altogether takes them in their order', async () => {
    const { path } = await saved();
    const { weights } = await loadModel(path);
    const { layout } = await covered(path);
    const byName = placeWeights(weights!, layout, path);
    const inOrder = layout.map(({ name }) => weights!.find((tensor) => tensor.name === name)!);
    const renamed = inOrder.map((tensor, i) => ({ ...tensor, name: `tensor ${i}` }));
    expect(placeWeights(renamed, layout, path)).toEqual(byName);
  });

  test('whose weights belong to another topology is refused, by the name of the tensor', async () => {
    const { path } = await saved();
    const { weights } = await loadModel(path);
    const { layout } = await covered(path);
    const place = (given: typeof weights) => () => placeWeights(given!, layout, path);
    expect(place(weights!.slice(1))).toThrow(/there is none for conv\/kernel/);
    expect(place(weights!.map((w) => ({ ...w, shape: [1] })))).toThrow(/conv\/kernel has shape \[1\]/);
    expect(place([...weights!, { ...weights![0]!, name: 'more' }])).toThrow(
      /11 tensors and the model has 10/,
    );
  });

  test.each([
    ['a file that is not there', { paths: ['nowhere.bin'] }, /ENOENT/],
    ['a file that is too short', { paths: ['group1-shard1of2.bin'] }, /hold 100 bytes, not \d+/],
    ['a path out of the folder', { paths: ['../weights.bin'] }, /lies beside model.json/],
    ['another type', { weights: [{ name: 'w', shape: [1], dtype: 'int32' }] }, /w is int32, not float32/],
  ])('with %s is refused', async (_, change, message) => {
    const { path } = await saved();
    const json = JSON.parse(await readFile(path, 'utf8')) as {
      weightsManifest: [object];
    };
    const damaged = await write({ ...json, weightsManifest: [{ ...json.weightsManifest[0], ...change }] });
    await expect(loadModel(damaged)).rejects.toThrow(message);
    await expect(loadModel(damaged)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });
});

describe('the spellings of Keras', () => {
  const dense = layer('Dense', { name: 'last', units: 3, activation: 'softmax', kernel_regularizer: null });
  const spelled: [string, object][] = [
    [
      'batch_input_shape in the first layer (Keras 2)',
      {
        class_name: 'Sequential',
        config: {
          name: 's',
          layers: [{ ...dense, config: { ...dense.config, batch_input_shape: [null, 4] } }],
        },
      },
    ],
    [
      'an InputLayer with batch_input_shape',
      {
        class_name: 'Sequential',
        config: { layers: [layer('InputLayer', { batch_input_shape: [null, 4] }), dense] },
      },
    ],
    [
      'an InputLayer with batch_shape (Keras 3)',
      {
        class_name: 'Sequential',
        config: { layers: [layer('InputLayer', { batch_shape: [null, 4] }), dense] },
      },
    ],
    [
      'layers without their wrapper',
      {
        class_name: 'Sequential',
        config: [{ ...dense, config: { ...dense.config, batch_input_shape: [null, 4] } }],
      },
    ],
    [
      'inside model_config, with its training',
      {
        modelTopology: {
          model_config: {
            class_name: 'Sequential',
            config: { layers: [layer('InputLayer', { batch_shape: [null, 4] }), dense] },
          },
          training_config: { loss: 'mse' },
        },
      },
    ],
  ];
  test.each(spelled)('%s', async (title, json) => {
    const model = await covered(await write(json));
    expect(model.layout).toEqual([
      { name: 'last/kernel', shape: [4, 3], offset: 0, size: 12 },
      { name: 'last/bias', shape: [3], offset: 12, size: 3 },
    ]);
    expect(model.inputShape).toEqual([4]);
    expect(model.loss.name).toBe(title.includes('training') ? 'meanSquaredError' : 'crossEntropy');
  });
});

describe('a module', () => {
  test('that exports a function returning a layers model', async () => {
    const model = await covered(moduleFile);
    expect(model.inputShape).toEqual([8, 8, 1]);
    expect(model.layers.map(({ className }) => className)).toEqual([
      'Conv2D',
      'BatchNormalization',
      'Flatten',
      'Dense',
      'Dense',
    ]);
  });

  test('that exports JSON, or a promise of it', async () => {
    const { topology } = modelOf([layer('Flatten'), layer('Dense', { units: 3, activation: 'softmax' })]);
    const json = JSON.stringify(topology);
    expect(await covered(await write(`export default ${json}`, '.mjs'))).toMatchObject({ outputs: 3 });
    expect(await covered(await write(`export default async () => (${json})`, '.mjs'))).toMatchObject({
      outputs: 3,
    });
  });

  test.each([
    [
      'throws',
      'export default () => { throw new Error("no such thing") }',
      /the module failed: no such thing/,
    ],
    ['does not parse', 'export default (', /the module failed: /],
    ['exports nothing', 'export const model = 1', /no Keras topology found/],
    ['exports something else', 'export default () => 42', /no Keras topology found/],
  ])('that %s is refused', async (_, source, message) => {
    const fault: unknown = await loadModel(await write(source, '.mjs')).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(Fault);
    expect(fault).toMatchObject({ code: 'MODEL_INVALID' });
    expect((fault as Fault).message).toMatch(message);
  });
});

describe('what is no model', () => {
  test('an unknown name, with the nearest', async () => {
    await expect(loadModel('lenet')).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: 'there is no model "lenet", built in or as a file',
      hint: 'Did you mean "lenet5"?',
    });
    await expect(loadModel('something-else')).rejects.toMatchObject({
      hint: expect.stringContaining('flobc-cnn') as string,
    });
  });

  test.each([
    ['no JSON', '{"class_name": ', /not JSON/],
    ['JSON of something else', '[1, 2]', /no Keras topology found/],
    ['null', 'null', /no Keras topology found/],
    ['a topology without its class', '{"config": {}}', /no Keras topology found/],
  ])('%s', async (_, content, message) => {
    const path = await write(content);
    await expect(loadModel(path)).rejects.toThrow(message);
    await expect(loadModel(path)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining(path) as string,
    });
  });
});
