import { layoutSize, type Layout } from '../parameters.ts';
import type { LayerJson } from '../model/topology.ts';
import type { Batch } from './engine.ts';

/**
 * A second implementation of some layers, in float64 and plain loops, from what Keras documents and not from what is here:
 * what gradients are held against where tfjs has none, or a wrong one.
 */
interface Values {
  /** Without the examples, channels last. */
  readonly shape: readonly number[];
  readonly samples: number;
  /** samples x product(shape) */
  readonly data: Float64Array;
}

/** Takes the next tensor of the model. */
type Take = () => Float64Array;

type Kind = (x: Values, config: Readonly<Record<string, unknown>>, take: Take) => Values;

const sizeOf = (shape: readonly number[]) => shape.reduce((product, d) => product * d, 1);

const make = (samples: number, shape: readonly number[]): Values => ({
  samples,
  shape,
  data: new Float64Array(samples * sizeOf(shape)),
});

const activations: Readonly<Record<string, (x: number) => number>> = {
  linear: (x) => x,
  relu: (x) => Math.max(x, 0),
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

function activated(values: Values, name: unknown): Values {
  const activation = activations[(name as string | undefined) ?? 'linear']!;
  return { ...values, data: values.data.map(activation) };
}

/** Output length along an axis, and how far before the input its first window starts. */
function slide(length: number, size: number, stride: number, padding: unknown): [number, number] {
  if (padding !== 'same') return [Math.floor((length - size) / stride) + 1, 0];
  const output = Math.ceil(length / stride);
  return [output, Math.floor(Math.max((output - 1) * stride + size - length, 0) / 2)];
}

/** Calls `use` with every output position of every example, and every input position under its window. */
function forWindows(
  { samples, shape }: Values,
  size: readonly [number, number],
  strides: readonly [number, number],
  padding: unknown,
  use: (at: { n: number; oy: number; ox: number; under: readonly (readonly number[])[] }) => void,
): readonly [number, number] {
  const [height, width] = shape as [number, number];
  const [rows, top] = slide(height, size[0], strides[0], padding);
  const [columns, left] = slide(width, size[1], strides[1], padding);
  for (let n = 0; n < samples; n++)
    for (let oy = 0; oy < rows; oy++)
      for (let ox = 0; ox < columns; ox++) {
        const under: number[][] = [];
        for (let i = 0; i < size[0]; i++)
          for (let j = 0; j < size[1]; j++) {
            const y = oy * strides[0] - top + i;
            const x = ox * strides[1] - left + j;
            if (y >= 0 && y < height && x >= 0 && x < width) under.push([y, x, i, j]);
          }
        use({ n, oy, ox, under });
      }
  return [rows, columns];
}

const conv2d: Kind = (x, { kernel_size, strides = [1, 1], padding, filters, activation, use_bias }, take) => {
  const [, width, channels] = x.shape as [number, number, number];
  const size = kernel_size as [number, number];
  const kernel = take();
  const bias = use_bias === false ? undefined : take();
  const outputs: number[] = [];
  const [rows, columns] = forWindows(x, size, strides as [number, number], padding, ({ n, under }) => {
    for (let f = 0; f < (filters as number); f++) {
      let sum = bias?.[f] ?? 0;
      for (const [y, at, i, j] of under)
        for (let c = 0; c < channels; c++)
          sum +=
            x.data[((n * x.shape[0]! + y!) * width + at!) * channels + c]! *
            kernel[((i! * size[1] + j!) * channels + c) * (filters as number) + f]!;
      outputs.push(sum);
    }
  });
  const shape = [rows, columns, filters as number];
  return activated({ samples: x.samples, shape, data: Float64Array.from(outputs) }, activation);
};

const pooling =
  (join: (values: readonly number[]) => number): Kind =>
  (x, { pool_size = [2, 2], strides, padding }) => {
    const [, width, channels] = x.shape as [number, number, number];
    const size = pool_size as [number, number];
    const steps = (strides as [number, number] | undefined) ?? size;
    const outputs: number[] = [];
    const [rows, columns] = forWindows(x, size, steps, padding, ({ n, under }) => {
      for (let c = 0; c < channels; c++)
        outputs.push(
          join(under.map(([y, at]) => x.data[((n * x.shape[0]! + y!) * width + at!) * channels + c]!)),
        );
    });
    return { samples: x.samples, shape: [rows, columns, channels], data: Float64Array.from(outputs) };
  };

const normalization: Kind = (x, { epsilon = 1e-3, center = true, scale = true }, take) => {
  const channels = x.shape.at(-1)!;
  const gamma = scale ? take() : undefined;
  const beta = center ? take() : undefined;
  take(); // the averages, which training does not read
  take();
  const y = make(x.samples, x.shape);
  for (let c = 0; c < channels; c++) {
    const values = x.data.filter((_, i) => i % channels === c);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
    for (let i = c; i < x.data.length; i += channels)
      y.data[i] =
        ((x.data[i]! - mean) / Math.sqrt(variance + (epsilon as number))) * (gamma?.[c] ?? 1) +
        (beta?.[c] ?? 0);
  }
  return y;
};

const dense: Kind = (x, { units, activation, use_bias }, take) => {
  const [inputs] = x.shape as [number];
  const kernel = take();
  const bias = use_bias === false ? undefined : take();
  const width = units as number;
  const y = make(x.samples, [width]);
  for (let n = 0; n < x.samples; n++)
    for (let u = 0; u < width; u++) {
      let sum = bias?.[u] ?? 0;
      for (let i = 0; i < inputs; i++) sum += x.data[n * inputs + i]! * kernel[i * width + u]!;
      y.data[n * width + u] = sum;
    }
  return activated(y, activation);
};

const kinds: Readonly<Record<string, Kind>> = {
  Conv2D: conv2d,
  MaxPooling2D: pooling((values) => Math.max(...values)),
  AveragePooling2D: pooling((values) => values.reduce((a, b) => a + b, 0) / values.length),
  BatchNormalization: normalization,
  Flatten: (x) => ({ ...x, shape: [sizeOf(x.shape)] }),
  Dense: dense,
};

/** Mean cross-entropy of a stack that ends in logits, in training, on a batch of floats. */
export function referenceLoss(
  stack: readonly LayerJson[],
  inputShape: readonly number[],
  layout: Layout,
  values: Float64Array,
  { samples, features, targets }: Batch,
): number {
  let used = 0;
  const take = () => {
    const { offset, size } = layout[used++]!;
    return values.subarray(offset, offset + size);
  };
  let x: Values = { samples, shape: inputShape, data: Float64Array.from(features) };
  for (const { class_name, config } of stack) x = kinds[class_name]!(x, config, take);
  const [width] = x.shape as [number];
  let loss = 0;
  for (let n = 0; n < samples; n++) {
    const logits = x.data.subarray(n * width, (n + 1) * width);
    const total = Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0));
    loss += logits.reduce((sum, z, i) => sum + targets[n * width + i]! * (total - z), 0);
  }
  return loss / samples;
}

/** Its gradient by central differences, one parameter after the other. */
export function referenceGradient(
  stack: readonly LayerJson[],
  inputShape: readonly number[],
  layout: Layout,
  values: Float32Array,
  batch: Batch,
): Float32Array {
  const at = Float64Array.from(values);
  const h = 1e-5;
  return Float32Array.from({ length: layoutSize(layout) }, (_, i) => {
    const middle = at[i]!;
    at[i] = middle + h;
    const ahead = referenceLoss(stack, inputShape, layout, at, batch);
    at[i] = middle - h;
    const behind = referenceLoss(stack, inputShape, layout, at, batch);
    at[i] = middle;
    return (ahead - behind) / (2 * h);
  });
}
