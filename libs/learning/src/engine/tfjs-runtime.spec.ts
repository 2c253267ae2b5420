import { createRequire } from 'node:module';
import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { describe, expect, test, vi } from 'vitest';
import { wholeShard } from '#libs/data';
import { generator } from '#libs/random';
import { demanding, patterns } from '../examples.fixture.ts';
import { parseHyper } from '../hyper.ts';
import { coverModel, type CoveredModel } from '../model/model.ts';
import { BatchBuffer } from '../training/batch.ts';
import { compiledEngine } from './compiled.ts';
import type { Engine } from './engine.ts';
import { loadTfjs } from './tfjs-runtime.ts';
import { tfjsEngine } from './tfjs.ts';

const require = createRequire(import.meta.url);
const nativePackage = '@tensorflow/tfjs-node';

/** What `require` would find on another machine: a stand-in for tfjs-node, or an error, and the rest as it is. */
const machineWith = (native: () => unknown) =>
  vi.fn((name: string): unknown => (name === nativePackage ? native() : require(name)));

const standIn = (version: object) => ({
  ...core,
  models: { modelFromJSON: layers.models.modelFromJSON },
  version,
  getBackend: () => 'tensorflow',
});

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

describe('tfjs is', () => {
  test('tfjs-node where that loads, and nothing else is loaded then', async () => {
    const native = standIn({ tfjs: '4.22.0', 'tfjs-node': '4.22.1' });
    const load = machineWith(() => native);
    const runtime = await loadTfjs(load);
    expect(runtime).toMatchObject({ backend: 'tensorflow', version: 'tfjs-node 4.22.1' });
    expect(runtime.tf).toBe(native);
    expect(runtime.modelFromJSON).toBe(native.models.modelFromJSON);
    expect(load.mock.calls).toEqual([[nativePackage]]);
  });

  test.each([
    [{ tfjs: '4.22.0' }, 'tfjs-node 4.22.0'],
    [{}, 'tfjs-node unknown'],
  ])('of the version %j', async (version, said) => {
    expect(await loadTfjs(machineWith(() => standIn(version)))).toMatchObject({ version: said });
  });

  test.each([
    ['is not installed', "Cannot find module '@tensorflow/tfjs-node'"],
    ['has a native part that does not load', 'libtensorflow.so.2: cannot open shared object file'],
  ])('WebAssembly where tfjs-node %s', async (_, problem) => {
    const load = machineWith(() => {
      throw new Error(problem);
    });
    const runtime = await loadTfjs(load);
    expect(runtime).toMatchObject({ backend: 'wasm', version: `tfjs ${layers.version_layers}` });
    expect(runtime.tf.getBackend()).toBe('wasm');
    const sum = runtime.tf.sum(runtime.tf.tensor([1, 2, 3.5]));
    expect(sum.dataSync()[0]).toBe(6.5);
  });

  test('plain JavaScript where WebAssembly is not to be had', async () => {
    const load = machineWith(() => {
      throw new Error('not installed');
    });
    const { tf } = await loadTfjs(load);
    const setBackend = vi.spyOn(tf, 'setBackend').mockImplementationOnce(() => Promise.resolve(false));
    const runtime = await loadTfjs(load);
    setBackend.mockRestore();
    expect(runtime.backend).toBe('cpu');
    await tf.setBackend('wasm');
  });
});

/** Weights after one step of plain descent on a few images. */
async function afterStep(engine: Engine, values: Float32Array): Promise<Float32Array> {
  const shard = wholeShard(patterns({ size: 8 }));
  const stepper = await engine.start({ values, slots: undefined, hyper: parseHyper({}), seed: 1 });
  const buffer = new BatchBuffer(engine, shard, 8, engine.masks);
  await stepper.step(buffer.fill(undefined, 0, 8, generator('dropout')), 1);
  return stepper.values();
}

// Runs where somebody has installed the optional package; there, its step is that of the compiled backend.
test.skipIf(!isInstalled(nativePackage))('tfjs-node trains a step as the compiled backend does', async () => {
  const { engine: native, runtime } = await tfjsEngine(demanding);
  expect(runtime).toBe('tensorflow');
  const compiled = compiledEngine(coverModel(demanding) as CoveredModel);
  const start = await compiled.initialise(1);
  const [ours, theirs] = [await afterStep(compiled, start), await afterStep(native, start)];
  for (const [i, value] of theirs.entries()) expect(ours[i]).toBeCloseTo(value, 4);
});
