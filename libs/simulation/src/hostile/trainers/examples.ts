import { type Dataset, exampleLength } from '#libs/data';

type Values = Dataset['labels'] | Dataset['features'];

/** Zeroed values of the same kind, in memory that threads share. */
export function sharedLike<V extends Values>(like: V, length: number): V {
  const Kind = like.constructor as new (buffer: SharedArrayBuffer) => V;
  return new Kind(new SharedArrayBuffer(length * like.BYTES_PER_ELEMENT));
}

/** Copies of some examples, to be changed; everybody else goes on with the originals. */
export function copied(dataset: Dataset, indices: Uint32Array): Dataset {
  const length = exampleLength(dataset.shape);
  const features = sharedLike(dataset.features, indices.length * length);
  const labels = sharedLike(dataset.labels, indices.length);
  for (const [position, example] of indices.entries()) {
    features.set(dataset.features.subarray(example * length, (example + 1) * length), position * length);
    labels[position] = dataset.labels[example]!;
  }
  return { ...dataset, size: indices.length, features, labels };
}
