import type { Shape } from './layer.ts';

/** How a window of `size` slides over one direction of an input. */
interface Axis {
  readonly input: number;
  readonly output: number;
  readonly size: number;
  readonly stride: number;
  readonly before: number;
  readonly after: number;
}

/** How a two-dimensional window slides over an input: sizes, strides and padding as TensorFlow counts them. */
export interface Window {
  readonly axes: readonly [Axis, Axis];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  /** ONNX order: top, left, bottom, right. */
  readonly pads: readonly number[];
  readonly padded: boolean;
}

/** The window over an input, or undefined where it does not fit into it. */
export function slide(
  input: Shape,
  kernel: readonly [number, number],
  strides: readonly [number, number],
  padding: 'valid' | 'same',
): Window | undefined {
  const along = (i: 0 | 1): Axis => {
    const length = input[i]!;
    const size = kernel[i];
    const stride = strides[i];
    const output = padding === 'same' ? Math.ceil(length / stride) : Math.ceil((length - size + 1) / stride);
    const total = padding === 'same' ? Math.max((output - 1) * stride + size - length, 0) : 0;
    const before = Math.floor(total / 2); // 'same' pads the end more, as TensorFlow does
    return { input: length, output, size, stride, before, after: total - before };
  };
  const axes = [along(0), along(1)] as const;
  if (axes.some(({ output }) => output < 1)) return undefined;
  const pads = [axes[0].before, axes[1].before, axes[0].after, axes[1].after];
  return { axes, kernel, strides, pads, padded: pads.some((p) => p > 0) };
}

/** What is left over at the end of an axis, after the last full step of the window. */
export function remainder({ input, output, size, stride, before, after }: Axis): number {
  return input + before + after - size - (output - 1) * stride;
}
