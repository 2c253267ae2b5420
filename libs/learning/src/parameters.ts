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

/** Tensors in their order, from 0 on, without gaps. */
export function layoutOf(
  weights: readonly { readonly name: string; readonly shape: readonly number[] }[],
): Layout {
  let offset = 0;
  return weights.map(({ name, shape }) => {
    const size = shape.reduce((product, d) => product * d, 1);
    const slot = { name, shape, offset, size };
    offset += size;
    return slot;
  });
}

/** Number of values in a layout. */
export function layoutSize(layout: Layout): number {
  const last = layout.at(-1);
  return last ? last.offset + last.size : 0;
}

/** Base plus delta, in float32, into fresh memory: what a round releases. The same bytes on every machine. */
export function addDelta({ layout, values }: Parameters, delta: Float32Array): Parameters {
  if (delta.length !== values.length)
    throw new RangeError(`a delta of ${delta.length} values for ${values.length} parameters`);
  const moved = new Float32Array(values.length);
  addInto(moved, values, delta);
  return { layout, values: moved };
}

export function addInto(into: Float32Array, base: Float32Array, delta: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i] = base[i]! + delta[i]!;
}
