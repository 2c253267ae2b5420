import { type Dataset, exampleLength, type Shard, sharedFloats, sharedIndices } from './dataset.ts';

/** Mean and deviation of each feature; one pair for all bytes of an image. */
export interface Standardisation {
  readonly means: Float64Array;
  readonly deviations: Float64Array;
}

/**
 * Fits a standardisation on the examples of one shard, so that a Trainer needs nobody else's data for it. Mean and
 * population deviation in double precision, in two passes; a feature that does not vary has the deviation 1, and so
 * have indicators of a category, whose mean is taken as 0: they stay 0 and 1.
 */
export function fitStandardisation({ dataset, indices }: Shard): Standardisation {
  const length = exampleLength(dataset.shape);
  if (dataset.features instanceof Uint8Array) return fitBytes(dataset.features, indices, length);
  const { features } = dataset;
  const means = new Float64Array(length);
  const deviations = new Float64Array(length).fill(1);
  for (const feature of measured(dataset, length)) {
    // Counted from the first value, so that the deviation of a feature that does not vary is 0 and not a rounding error.
    const first = features[indices[0]! * length + feature]!;
    let sum = 0;
    for (const example of indices) sum += features[example * length + feature]! - first;
    const mean = first + sum / indices.length;
    let squares = 0;
    for (const example of indices) squares += (features[example * length + feature]! - mean) ** 2;
    means[feature] = mean;
    deviations[feature] = Math.sqrt(squares / indices.length) || 1;
  }
  return { means, deviations };
}

/** Bytes share one mean and one deviation, in units of v / 255; sums of whole numbers are exact. */
function fitBytes(features: Uint8Array, indices: Uint32Array, length: number): Standardisation {
  let sum = 0;
  let squares = 0;
  for (const example of indices)
    for (let i = example * length; i < (example + 1) * length; i++) {
      const value = features[i]!;
      sum += value;
      squares += value * value;
    }
  const count = indices.length * length;
  const mean = sum / count;
  const deviation = Math.sqrt(squares / count - mean * mean) / 255 || 1;
  return { means: Float64Array.of(mean / 255), deviations: Float64Array.of(deviation) };
}

/**
 * The shard with its features standardised. Bytes stay the same bytes under another scale; of floats a copy is made,
 * of the shard's own examples alone, and the indices count anew from 0.
 *
 * @param fitted absent: fitted on this shard itself
 */
export function standardise(shard: Shard, fitted: Standardisation = fitStandardisation(shard)): Shard {
  const { dataset, indices } = shard;
  if (dataset.features instanceof Uint8Array) {
    const scale = { mean: fitted.means[0]!, deviation: fitted.deviations[0]! };
    return { dataset: { ...dataset, scale }, indices };
  }
  const length = exampleLength(dataset.shape);
  const features = sharedFloats(indices.length * length);
  const LabelArray = dataset.labels.constructor as new (buffer: SharedArrayBuffer) => Dataset['labels'];
  const labels = new LabelArray(new SharedArrayBuffer(indices.length * dataset.labels.BYTES_PER_ELEMENT));
  const positions = sharedIndices(indices.length);
  for (const [position, example] of indices.entries()) {
    for (let i = 0; i < length; i++)
      features[position * length + i] =
        (dataset.features[example * length + i]! - fitted.means[i]!) / fitted.deviations[i]!;
    labels[position] = dataset.labels[example]!;
    positions[position] = position;
  }
  return { dataset: { ...dataset, size: indices.length, features, labels }, indices: positions };
}

function measured({ numeric }: Dataset, length: number): Iterable<number> {
  return numeric ?? Array(length).keys();
}
