/**
 * Examples in memory, loaded once and shared between threads: every typed array is a view of a SharedArrayBuffer, so
 * that a structured clone of a dataset is a view of the same bytes.
 */
export interface Dataset {
  /** Source and split, such as `mnist/train`. */
  readonly name: string;
  /** Number of examples. */
  readonly size: number;
  /** Shape of one example, channels last, such as `[28, 28, 1]`. */
  readonly shape: readonly number[];
  /** Labels are 0..classes-1; 0 means regression, where labels are Float32Array targets. */
  readonly classes: number;
  /** One label per example, length `size`. */
  readonly labels: Uint8Array | Uint16Array | Float32Array;
  /**
   * `size` x product(`shape`) values, row by row. Bytes stay bytes, a quarter of the memory: a byte v means
   * `(v / 255 - mean) / deviation` with the numbers of `scale`. Floats are what they are.
   */
  readonly features: Uint8Array | Float32Array;
  /** For bytes, in units of v / 255; `{ mean: 0, deviation: 1 }` gives v / 255. Without meaning for floats. */
  readonly scale: Scale;
  /** What the labels are called, length `classes`. */
  readonly classNames?: readonly string[];
  /** What the columns of a table are called, length product(`shape`). */
  readonly featureNames?: readonly string[];
  /** Positions of the features that measure something; the others are indicators of a category. Absent: all measure. */
  readonly numeric?: readonly number[];
}

/** Mean and deviation that map a byte to a feature. */
export interface Scale {
  readonly mean: number;
  readonly deviation: number;
}

/** Some examples of a dataset, by index; costs 4 bytes an example. */
export interface Shard {
  readonly dataset: Dataset;
  /** Each below `dataset.size`, in ascending order where {@link partition} made them; over a SharedArrayBuffer. */
  readonly indices: Uint32Array;
}

/** The number of values in one example. */
export function exampleLength(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** A shard that holds every example of a dataset. */
export function wholeShard(dataset: Dataset): Shard {
  const indices = sharedIndices(dataset.size);
  for (let i = 0; i < indices.length; i++) indices[i] = i;
  return { dataset, indices };
}

/** Zeroed bytes that threads share. */
export function sharedBytes(length: number): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(new SharedArrayBuffer(length));
}

/** Zeroed floats that threads share. */
export function sharedFloats(length: number): Float32Array<SharedArrayBuffer> {
  return new Float32Array(new SharedArrayBuffer(4 * length));
}

/** Zeroed indices that threads share. */
export function sharedIndices(length: number): Uint32Array<SharedArrayBuffer> {
  return new Uint32Array(new SharedArrayBuffer(4 * length));
}
