/** Where one tensor lies in the flat vector of a model. */
export interface TensorSlot {
  readonly name: string;
  readonly shape: readonly number[];
  /** Index of its first value; slots are contiguous, in order, from 0. */
  readonly offset: number;
  /** Number of values: the product of the shape. */
  readonly size: number;
}

export type Layout = readonly TensorSlot[];

/** All tensors of a model, one flat vector. */
export interface Parameters {
  readonly layout: Layout;
  readonly values: Float32Array;
}
