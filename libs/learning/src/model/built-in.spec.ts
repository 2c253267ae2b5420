import { beforeAll, describe, expect, test } from 'vitest';
import { generator } from '#libs/random';
import { compiledEngine } from '../engine/compiled.ts';
import { build } from '../engine/tfjs-build.ts';
import type { Batch } from '../engine/engine.ts';
import { comparable } from '../engine/outputs.fixture.ts';
import { loadTfjs, type TfjsRuntime } from '../engine/tfjs-runtime.ts';
import { layoutSize } from '../parameters.ts';
import { builtInModels, builtInNames, type BuiltInName } from './built-in.ts';
import { loadModel } from './load.ts';
import { coverModel, type CoveredModel, type ModelDescription } from './model.ts';

/** As their papers and examples state them, or by hand from the layers. */
const parameterCounts: Readonly<Record<BuiltInName, number>> = {
  logistic: 784 * 10 + 10,
  'mlp-200': 199_210, // McMahan et al. 2017
  'mlp-3x128': 784 * 128 + 128 + 2 * (128 * 128 + 128) + 128 * 10 + 10,
  'mlp-3x512': 784 * 512 + 512 + 2 * (512 * 512 + 512) + 512 * 10 + 10,
  'flobc-cnn': 608_338,
  'pysyft-cnn': 431_080,
  lenet5: 61_706,
  'cifar-cnn': 1_250_858, // keras/examples/cifar10_cnn.py
  'tabular-mlp': 16 * 64 + 64 + 64 * 64 + 64 + 64 * 10 + 10,
};

const covered = async (name: string, options = {}) =>
  coverModel(await loadModel(name, options)) as CoveredModel;

let runtime: TfjsRuntime;
beforeAll(async () => {
  runtime = await loadTfjs();
});

/** Losses and outputs of tfjs, forwards only: its engine would first try a gradient, for seconds in plain JavaScript. */
async function inTfjs(description: ModelDescription, values: Float32Array, batch: Batch) {
  const { tf } = runtime;
  const { model, layout, weights, loss, inputShape, outputs: width } = await build(runtime, description);
  for (const [i, { offset, size, shape }] of layout.entries())
    weights[i]!.variable.val.assign(tf.tensor(values.slice(offset, offset + size), [...shape]));
  const x = tf.tensor(batch.features, [batch.samples, ...inputShape]);
  const y = model.apply(x, { training: false }) as typeof x;
  const losses = loss.tfjs(tf, y, tf.tensor(batch.targets, [batch.samples, width]));
  const outputs = y.dataSync<'float32'>();
  return { layout, losses: losses.dataSync<'float32'>(), outputs };
}

describe('built-in models', () => {
  test.each(builtInNames)('%s has its parameters, and is the same in tfjs', async (name) => {
    const model = await covered(name);
    expect(layoutSize(model.layout)).toBe(parameterCounts[name]);
    expect(model.inputShape).toEqual(builtInModels[name].shape);

    const engine = compiledEngine(model);
    const values = await engine.initialise(name);
    const random = generator(name);
    const samples = 2;
    const batch = {
      samples,
      features: Float32Array.from({ length: samples * model.inputShape.reduce((a, b) => a * b) }, () =>
        random.uniform(),
      ),
      targets: Float32Array.from({ length: 10 * samples }, (_, i) => (i % 10 === 3 ? 1 : 0)),
      masks: [],
    };
    const ours = await engine.evaluate(values, batch);
    const theirs = await inTfjs(await loadModel(name), values, batch);
    expect(theirs.layout).toEqual(model.layout);
    const outputs = comparable(engine, ours);
    for (const [i, output] of comparable(engine, theirs).entries()) expect(outputs[i]).toBeCloseTo(output, 4);
    for (const [i, loss] of theirs.losses.entries()) expect(ours.losses[i]).toBeCloseTo(loss, 4);
  });

  test.each(builtInNames)('%s takes shape and classes from the data', async (name) => {
    const isTable = name === 'tabular-mlp';
    const shape = isTable ? [5] : [32, 32, 3];
    const model = await covered(name, { shape, classes: 7 });
    expect(model).toMatchObject({ inputShape: shape, outputs: 7 });
    expect(model.loss.name).toBe('crossEntropy');
    const real = await covered(name, { shape, classes: 0 });
    expect(real).toMatchObject({ outputs: 1 });
    expect(real.loss.name).toBe('meanSquaredError');
  });
});
