import { z } from 'zod';
import type { Graph, Value } from '../../onnx/graph.ts';
import { activate } from '../activations.ts';
import { glorotUniform, initializerConfig, zeros } from '../initializers.ts';
import { activation, channelsLast, padding, pair, unregularised } from './config.ts';
import { plainGradient, type LayerKind } from './layer.ts';
import { remainder, slide, type Window } from './window.ts';

const config = unregularised.extend({
  filters: z.int().positive(),
  kernel_size: pair,
  strides: pair.default([1, 1]),
  padding,
  data_format: channelsLast,
  dilation_rate: z
    .union([z.literal(1), z.tuple([z.literal(1), z.literal(1)])], { error: 'dilation is not covered' })
    .default(1),
  groups: z.literal(1, { error: 'groups are not covered' }).optional(),
  activation,
  use_bias: z.boolean().default(true),
  kernel_initializer: initializerConfig.default(glorotUniform),
  bias_initializer: initializerConfig.default(zeros),
});

/** y = activation(x * W + b), W of shape [height, width, channels, filters]. */
export const conv2d: LayerKind<z.infer<typeof config>> = {
  className: 'Conv2D',
  config,
  create(
    name,
    { filters, kernel_size, strides, padding, activation, use_bias, kernel_initializer, bias_initializer },
    inputShape,
  ) {
    if (activation === 'softmax') return { notCovered: 'softmax over the channels of an image' };
    if (inputShape.length !== 3) return { shapeProblem: `needs images of shape [height, width, channels]` };
    const window = slide(inputShape, kernel_size, strides, padding);
    if (!window) return { shapeProblem: `a window of ${kernel_size.join(' x ')} does not fit` };
    const channels = inputShape[2]!;
    const kernel = {
      name: `${name}/kernel`,
      shape: [...kernel_size, channels, filters],
      initializer: kernel_initializer,
      trainable: true,
    };
    const bias = { name: `${name}/bias`, shape: [filters], initializer: bias_initializer, trainable: true };
    const sliding = { kernel_shape: window.kernel, strides: window.strides, pads: window.pads };
    return {
      name,
      className: 'Conv2D',
      inputShape,
      outputShape: [window.axes[0].output, window.axes[1].output, filters],
      weights: use_bias ? [kernel, bias] : [kernel],
      forward({ graph }, x, [w, b]) {
        const filtersFirst = graph.op('Transpose', [w], { perm: [3, 2, 0, 1] });
        const { y, backward } = activate(graph, activation, graph.op('Conv', [x, filtersFirst, b], sliding));
        return {
          y,
          backward(dy, wantsInput) {
            const dz = backward(dy);
            const output_padding = window.axes.map(remainder);
            const dw = kernelGradient(graph, window, channels, filters, x, dz);
            const db = graph.op('ReduceSum', [dz, graph.integers([0, 2, 3])], { keepdims: 0 });
            return {
              dx: wantsInput
                ? graph.op('ConvTranspose', [dz, filtersFirst], { ...sliding, output_padding })
                : undefined,
              gradients: [plainGradient(graph, dw), ...(use_bias ? [plainGradient(graph, db)] : [])],
            };
          },
        };
      },
    };
  },
};

/** Up to this many output positions an image is too small a matrix for one product each; measured on 8x8 to 32x32. */
const smallOutput = 200;

/** Up to this many channels, rows of patches are better gathered than cut; measured on 1, 3 and 32. */
const fewChannels = 3;

/** Gradient of the kernel, [height, width, channels, filters]. Three ways to the same sums, by what is faster. */
function kernelGradient(
  graph: Graph,
  window: Window,
  channels: number,
  filters: number,
  x: Value,
  dz: Value,
): Value {
  const [vertical, horizontal] = window.axes;
  const padded = padding2d(graph, window, x);
  if (vertical.output * horizontal.output <= smallOutput)
    return gradientByRows(graph, window, channels, filters, padded, dz);
  const { patches, order, back } =
    channels <= fewChannels
      ? gatheredPatches(graph, window, channels, padded)
      : cutPatches(graph, window, channels, padded);
  const columns = graph.op('Transpose', [patches], { perm: [0, 2, 1] });
  const perImage = graph.op('MatMul', [graph.op('Reshape', [dz, graph.integers([0, filters, -1])]), columns]);
  const summed = graph.op('ReduceSum', [perImage, graph.integers([0])], { keepdims: 0 });
  return graph.op('Transpose', [graph.op('Reshape', [summed, graph.integers([filters, ...order])])], {
    perm: back,
  });
}

function padding2d(graph: Graph, { pads, padded }: Window, x: Value): Value {
  const [top, left, bottom, right] = pads as [number, number, number, number];
  return padded ? graph.op('Pad', [x, graph.integers([0, 0, top, left, 0, 0, bottom, right])]) : x;
}

/** What a kernel's place `at` along an axis of the window meets: of dimension 2 the vertical axis, of 3 the horizontal. */
function met(graph: Graph, { axes }: Window, value: Value, dimension: 2 | 3, at: number): Value {
  const { output, stride } = axes[dimension - 2]!;
  return graph.op('Slice', [
    value,
    graph.integers([at]),
    graph.integers([at + (output - 1) * stride + 1]),
    graph.integers([dimension]),
    ...(stride > 1 ? [graph.integers([stride])] : []),
  ]);
}

const places = (count: number) => Array.from({ length: count }, (_, i) => i);

/**
 * One product for each row of the kernel, over all images at once: what that row meets, [width x channels, all positions],
 * times the output's gradient.
 */
function gradientByRows(
  graph: Graph,
  window: Window,
  channels: number,
  filters: number,
  padded: Value,
  dz: Value,
): Value {
  const [height, width] = window.kernel as [number, number];
  const perChannel = (value: Value) => graph.op('Transpose', [value], { perm: [1, 0, 2, 3] });
  const images = perChannel(padded);
  const shifted = places(width).map((j) => met(graph, window, images, 3, j));
  const stacked = graph.op('Concat', shifted, { axis: 0 });
  const gradient = graph.op('Reshape', [perChannel(dz), graph.integers([filters, -1])]);
  const rows = places(height).map((i) => {
    const row = met(graph, window, stacked, 2, i);
    const matrix = graph.op('Reshape', [row, graph.integers([width * channels, -1])]);
    return graph.op('Gemm', [matrix, gradient], { transB: 1 });
  });
  return graph.op('Reshape', [
    graph.op('Concat', rows, { axis: 0 }),
    graph.integers([height, width, channels, filters]),
  ]);
}

/** What every place of the kernel meets in an image, one below the other: [N, places x channels, positions]. */
interface Patches {
  readonly patches: Value;
  /** How places and channels are ordered, by their counts. */
  readonly order: readonly number[];
  /** From [filters, ...order] to [height, width, channels, filters]. */
  readonly back: readonly number[];
}

/** Shifted to every place along the width by slices, then along the height by gathering rows. */
function gatheredPatches(graph: Graph, window: Window, channels: number, padded: Value): Patches {
  const [height, width] = window.kernel as [number, number];
  const { output, stride } = window.axes[0];
  const shifted = places(width).map((j) => met(graph, window, padded, 3, j));
  const rows = places(height).flatMap((i) => places(output).map((y) => i + y * stride));
  const stacked = graph.op('Gather', [graph.op('Concat', shifted, { axis: 1 }), graph.integers(rows)], {
    axis: 2,
  });
  const patches = graph.op('Reshape', [stacked, graph.integers([0, width * channels * height, -1])]);
  return { patches, order: [width, channels, height], back: [3, 1, 2, 0] };
}

/** A slice for every place. */
function cutPatches(graph: Graph, window: Window, channels: number, padded: Value): Patches {
  const [height, width] = window.kernel as [number, number];
  const slices = places(height).flatMap((i) => {
    const row = met(graph, window, padded, 2, i);
    return places(width).map((j) => met(graph, window, row, 3, j));
  });
  const flat = slices.map((slice) => graph.op('Reshape', [slice, graph.integers([0, channels, -1])]));
  const patches = graph.op('Concat', flat, { axis: 1 });
  return { patches, order: [height, width, channels], back: [1, 2, 3, 0] };
}
