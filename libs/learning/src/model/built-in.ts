import type { HyperInput } from '../hyper.ts';
import { sequential, type LayerJson, type Topology } from './topology.ts';

type Config = Record<string, unknown>;

const layer = (class_name: string, config: Config): LayerJson => ({ class_name, config });
const dense = (units: number, activation: string): LayerJson => layer('Dense', { units, activation });
const conv = (filters: number, size: number, activation: string, more: Config = {}): LayerJson =>
  layer('Conv2D', { filters, kernel_size: [size, size], activation, ...more });
const maxPool = () => layer('MaxPooling2D', { pool_size: [2, 2] });
const flatten = () => layer('Flatten', {});
const dropout = (rate: number) => layer('Dropout', { rate });

/** The last layer: a share for each class, or one number in regression. */
const head = (classes: number) => (classes === 0 ? dense(1, 'linear') : dense(classes, 'softmax'));

/** Layers for a number of classes. */
type Recipe = (classes: number) => LayerJson[];

const multilayer =
  (...hidden: number[]): Recipe =>
  (classes) => [flatten(), ...hidden.map((units) => dense(units, 'relu')), head(classes)];

interface BuiltIn {
  readonly summary: string;
  /** Shape of an example where the data does not say otherwise. */
  readonly shape: readonly number[];
  readonly layers: Recipe;
  /** How it is trained where nobody says otherwise. */
  readonly training: {
    readonly epochs: number;
    readonly optimizer: OptimizerInput;
    /** Factor on the learning rate from one epoch to the next. */
    readonly decay: number;
  };
}

type OptimizerInput = NonNullable<HyperInput['optimizer']>;

const bySgd = { epochs: 5, optimizer: { kind: 'sgd', learningRate: 0.1 }, decay: 1 } as const;
const byAdam = { epochs: 3, optimizer: { kind: 'adam', learningRate: 1e-3 }, decay: 1 } as const;

export const builtInModels = {
  logistic: {
    summary: 'one dense layer: softmax regression',
    shape: [28, 28, 1],
    training: bySgd,
    layers: multilayer(),
  },
  'mlp-200': {
    summary: 'two hidden layers of 200 (McMahan et al. 2017)',
    shape: [28, 28, 1],
    training: bySgd,
    layers: multilayer(200, 200),
  },
  'mlp-3x128': {
    summary: 'three hidden layers of 128 (FLoBC)',
    shape: [28, 28, 1],
    training: bySgd,
    layers: multilayer(128, 128, 128),
  },
  'mlp-3x512': {
    summary: 'three hidden layers of 512 (FLoBC)',
    shape: [28, 28, 1],
    training: bySgd,
    layers: multilayer(512, 512, 512),
  },
  'flobc-cnn': {
    summary: 'the convolutional network of FLoBC (Ghanem et al. 2022)',
    shape: [28, 28, 1],
    training: byAdam,
    layers: (classes) => [
      conv(28, 3, 'linear'),
      maxPool(),
      flatten(),
      dense(128, 'relu'),
      dense(16, 'relu'),
      dropout(0.2),
      head(classes),
    ],
  },
  'pysyft-cnn': {
    summary: "the network of PySyft's MNIST example",
    shape: [28, 28, 1],
    training: byAdam,
    layers: (classes) => [
      conv(20, 5, 'relu'),
      maxPool(),
      conv(50, 5, 'relu'),
      maxPool(),
      flatten(),
      dense(500, 'relu'),
      head(classes),
    ],
  },
  lenet5: {
    summary: 'LeCun et al. 1998, with relu and max pooling',
    shape: [28, 28, 1],
    training: { epochs: 3, optimizer: { kind: 'adam', learningRate: 2e-3 }, decay: 0.5 },
    layers: (classes) => [
      conv(6, 5, 'relu', { padding: 'same' }),
      maxPool(),
      conv(16, 5, 'relu'),
      maxPool(),
      flatten(),
      dense(120, 'relu'),
      dense(84, 'relu'),
      head(classes),
    ],
  },
  'cifar-cnn': {
    summary: 'four convolutions and a dense layer, for 32x32 colour images',
    shape: [32, 32, 3],
    training: byAdam,
    layers: (classes) => [
      conv(32, 3, 'relu', { padding: 'same' }),
      conv(32, 3, 'relu'),
      maxPool(),
      dropout(0.25),
      conv(64, 3, 'relu', { padding: 'same' }),
      conv(64, 3, 'relu'),
      maxPool(),
      dropout(0.25),
      flatten(),
      dense(512, 'relu'),
      dropout(0.5),
      head(classes),
    ],
  },
  'tabular-mlp': {
    summary: 'two hidden layers of 64, for tables',
    shape: [16],
    training: byAdam,
    layers: (classes) => [dense(64, 'relu'), dense(64, 'relu'), head(classes)],
  },
} satisfies Record<string, BuiltIn>;

export type BuiltInName = keyof typeof builtInModels;

export const builtInNames = Object.keys(builtInModels) as BuiltInName[];

export function isBuiltIn(name: string): name is BuiltInName {
  return Object.hasOwn(builtInModels, name);
}

/** Topology of a model that ships, for examples of the given shape (default: what it was made for). */
export function builtInTopology(
  name: BuiltInName,
  shape: readonly number[] = builtInModels[name].shape,
  classes = 10,
): Topology {
  const layers = builtInModels[name].layers(classes);
  const counts = new Map<string, number>();
  const named = layers.map(({ class_name, config }) => {
    const stem = class_name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();
    const n = (counts.get(stem) ?? 0) + 1;
    counts.set(stem, n);
    return { class_name, config: { name: `${stem}_${n}`, ...config } };
  });
  return sequential(name, shape, named);
}
