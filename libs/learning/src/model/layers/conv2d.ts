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

/** Below this many output positions an image is too small a matrix for one product each; measured on 8x8 to 32x32. */
const smallOutput = 144;

/** Gradient of the kernel, [height, width, channels, filters]. Two ways to the same sums, by what is faster. */
function kernelGradient(
  graph: Graph,
  window: Window,
  channels: number,
  filters: number,
  x: Value,
  dz: Value,
): Value {
  const [vertical, horizontal] = window.axes;
  const byConvolution = vertical.output * horizontal.output <= smallOutput;
  if (byConvolution) return convolvedGradient(graph, window, x, dz);
  return patchGradient(graph, window, channels, filters, x, dz);
}

/**
 * The gradient is itself a convolution, of the input with the output's gradient as kernel: examples play the part of
 * channels, and the strides become dilations.
 */
function convolvedGradient(graph: Graph, window: Window, x: Value, dz: Value): Value {
  const swapped = (value: Value) => graph.op('Transpose', [value], { perm: [1, 0, 2, 3] });
  const [vertical, horizontal] = window.axes;
  const all = graph.op('Conv', [swapped(x), swapped(dz)], {
    kernel_shape: [vertical.output, horizontal.output],
    dilations: window.strides,
    pads: window.pads,
  });
  const exact = window.axes.every((axis) => remainder(axis) === 0);
  const kernel = exact
    ? all
    : graph.op('Slice', [all, graph.integers([0, 0]), graph.integers(window.kernel), graph.integers([2, 3])]);
  return graph.op('Transpose', [kernel], { perm: [2, 3, 0, 1] });
}

/** Per image, the patches under every kernel position times the output's gradient, summed over the images. */
function patchGradient(
  graph: Graph,
  window: Window,
  channels: number,
  filters: number,
  x: Value,
  dz: Value,
): Value {
  const [top, left, bottom, right] = window.pads as [number, number, number, number];
  const padded = window.padded
    ? graph.op('Pad', [x, graph.integers([0, 0, top, left, 0, 0, bottom, right])])
    : x;
  const [vertical, horizontal] = window.axes;
  const patches: Value[] = [];
  for (let i = 0; i < vertical.size; i++) {
    for (let j = 0; j < horizontal.size; j++) {
      const ends = [
        i + (vertical.output - 1) * vertical.stride + 1,
        j + (horizontal.output - 1) * horizontal.stride + 1,
      ];
      const steps = window.strides.some((stride) => stride > 1) ? graph.integers(window.strides) : undefined;
      const slice = [
        padded,
        graph.integers([i, j]),
        graph.integers(ends),
        graph.integers([2, 3]),
        ...(steps ? [steps] : []),
      ];
      patches.push(graph.op('Reshape', [graph.op('Slice', slice), graph.integers([0, channels, -1])]));
    }
  }
  const columns = graph.op('Transpose', [graph.op('Concat', patches, { axis: 1 })], { perm: [0, 2, 1] });
  const perImage = graph.op('MatMul', [graph.op('Reshape', [dz, graph.integers([0, filters, -1])]), columns]);
  const summed = graph.op('ReduceSum', [perImage, graph.integers([0])], { keepdims: 0 });
  return graph.op('Reshape', [
    graph.op('Transpose', [summed], { perm: [1, 0] }),
    graph.integers([...window.kernel, channels, filters]),
  ]);
}
