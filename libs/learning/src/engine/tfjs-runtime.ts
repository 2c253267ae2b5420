import { createRequire } from 'node:module';
import type * as core from '@tensorflow/tfjs-core';
import type * as layers from '@tensorflow/tfjs-layers';

/** tfjs as this library uses it, whatever executes it. */
export interface TfjsRuntime {
  readonly tf: typeof core;
  readonly modelFromJSON: typeof layers.models.modelFromJSON;
  /** Where the arithmetic happens: 'tensorflow' (native), 'wasm' or 'cpu'. */
  readonly backend: string;
  readonly version: string;
}

/** Loads a module by name; replaced in tests. */
export type ModuleLoader = (name: string) => unknown;

// tfjs' CommonJS builds, so that core, layers and backends share one instance of the engine.
const require = createRequire(import.meta.url);

type TfjsNode = typeof core & {
  readonly models: typeof layers.models;
  readonly version: Readonly<Record<string, string>>;
};

/**
 * The fastest tfjs there is: `@tensorflow/tfjs-node` where the user has installed it, else WebAssembly, else plain
 * JavaScript.
 */
export async function loadTfjs(load: ModuleLoader = require): Promise<TfjsRuntime> {
  const native = loadNative(load);
  if (native) return native;
  const tf = load('@tensorflow/tfjs-core') as typeof core;
  const { models, version_layers } = load('@tensorflow/tfjs-layers') as typeof layers;
  tf.enableProdMode(); // No advertisement on the console; it changes nothing else.
  addChainedMethods(tf);
  load('@tensorflow/tfjs-backend-cpu');
  load('@tensorflow/tfjs-backend-wasm');
  const hasWasm = await tf.setBackend('wasm');
  if (!hasWasm) await tf.setBackend('cpu');
  return {
    tf,
    modelFromJSON: models.modelFromJSON,
    backend: tf.getBackend(),
    version: `tfjs ${version_layers}`,
  };
}

/**
 * The methods of tensors that tfjs-layers calls (the Orthogonal initializer of recurrent layers does). The package
 * `@tensorflow/tfjs` registers them for all operators, but its build for Node would bring a second copy of the engine.
 */
function addChainedMethods(tf: typeof core): void {
  type Receiver = core.Tensor;
  const methods = {
    flatten(this: Receiver) {
      return tf.reshape(this, [this.size]);
    },
    reshape(this: Receiver, shape: number[]) {
      return tf.reshape(this, shape);
    },
    sign(this: Receiver) {
      return tf.sign(this);
    },
    stridedSlice(this: Receiver, begin: number[], end: number[], strides: number[]) {
      return tf.stridedSlice(this, begin, end, strides);
    },
    transpose(this: Receiver) {
      return tf.transpose(this);
    },
  };
  Object.assign(tf.Tensor.prototype, methods);
}

/** tfjs-node, or undefined where it is not installed or its native part does not load on this machine. */
function loadNative(load: ModuleLoader): TfjsRuntime | undefined {
  let native: TfjsNode;
  try {
    native = load('@tensorflow/tfjs-node') as TfjsNode;
  } catch {
    return undefined;
  }
  return {
    tf: native,
    modelFromJSON: native.models.modelFromJSON,
    backend: native.getBackend(),
    version: `tfjs-node ${native.version['tfjs-node'] ?? native.version.tfjs ?? 'unknown'}`,
  };
}
