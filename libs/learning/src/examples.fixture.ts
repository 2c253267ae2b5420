import { type Dataset, type Shard, sharedBytes, sharedFloats, sharedIndices } from '#libs/data';
import { generator } from '#libs/random';
import { byteTable } from './training/batch.ts';
import { sequential, type LayerJson } from './model/topology.ts';
import type { ModelDescription } from './model/model.ts';

/** Small noisy images that can be learnt: every class is a pattern of its own, every example that and noise. */
export function patterns({ seed = 1, size = 300, side = 8, classes = 3, noise = 60 } = {}): Dataset {
  const random = generator(seed).split('patterns');
  const pixels = side * side;
  const prototypes = Array.from({ length: classes }, () =>
    Array.from({ length: pixels }, () => random.integer(200)),
  );
  const labels = sharedBytes(size);
  const features = sharedBytes(size * pixels);
  for (let example = 0; example < size; example++) {
    labels[example] = random.integer(classes);
    for (let i = 0; i < pixels; i++)
      features[example * pixels + i] = Math.min(
        255,
        prototypes[labels[example]!]![i]! + random.integer(noise),
      );
  }
  const scale = { mean: 0.3, deviation: 0.5 };
  return { name: 'patterns', size, shape: [side, side, 1], classes, labels, features, scale };
}

/** The same examples, as the floats that their bytes mean. */
export function asFloats(dataset: Dataset): Dataset {
  const { features, scale } = dataset;
  const floats = sharedFloats(features.length);
  const table = byteTable(scale);
  for (let i = 0; i < floats.length; i++) floats[i] = table[features[i]!]!;
  return { ...dataset, features: floats, scale: { mean: 0, deviation: 1 } };
}

/** Targets that a line through the features gives, with noise. */
export function lines({ seed = 1, size = 400, width = 4 } = {}): Dataset {
  const random = generator(seed).split('lines');
  const slopes = Array.from({ length: width }, () => random.normal());
  const features = sharedFloats(size * width);
  const labels = sharedFloats(size);
  for (let example = 0; example < size; example++) {
    let target = 0.5 + 0.1 * random.normal();
    for (let i = 0; i < width; i++) {
      features[example * width + i] = random.normal();
      target += slopes[i]! * features[example * width + i]!;
    }
    labels[example] = target;
  }
  return {
    name: 'lines',
    size,
    shape: [width],
    classes: 0,
    labels,
    features,
    scale: { mean: 0, deviation: 1 },
  };
}

/** The examples from one position to another. */
export function part(dataset: Dataset, from: number, to: number): Shard {
  const indices = sharedIndices(to - from);
  for (let i = 0; i < indices.length; i++) indices[i] = from + i;
  return { dataset, indices };
}

/** Training and test examples of one kind. */
export function halves(dataset: Dataset): { train: Shard; test: Shard } {
  const middle = Math.floor(dataset.size / 2);
  return { train: part(dataset, 0, middle), test: part(dataset, middle, dataset.size) };
}

export const layer = (class_name: string, config: LayerJson['config'] = {}): LayerJson => ({
  class_name,
  config,
});

/** A model of these layers for images of the given side. */
export function modelOf(
  layers: readonly LayerJson[],
  loss = 'crossEntropy',
  shape = [8, 8, 1],
): ModelDescription {
  return { name: 'stack', topology: sequential('stack', shape, layers), loss };
}

/** Every kind of layer whose training depends on more than its weights: dropout draws, a normalization measures. */
export const demanding = modelOf([
  layer('Conv2D', { name: 'conv', filters: 3, kernel_size: [3, 3], activation: 'relu' }),
  layer('BatchNormalization', { name: 'normalization' }),
  layer('MaxPooling2D', { name: 'pool' }),
  layer('Dropout', { name: 'drop_images', rate: 0.2 }),
  layer('Flatten', { name: 'flatten' }),
  layer('Dense', { name: 'dense', units: 16, activation: 'tanh' }),
  layer('Dropout', { name: 'drop_vectors', rate: 0.3 }),
  layer('Dense', { name: 'last', units: 3, activation: 'softmax' }),
]);

/** Softmax regression. */
export const regression = modelOf([
  layer('Flatten', { name: 'flatten' }),
  layer('Dense', { name: 'last', units: 3, activation: 'softmax' }),
]);
