import { z } from 'zod';
import { activate } from '../activations.ts';
import { glorotUniform, initializerConfig, zeros } from '../initializers.ts';
import { activation, channelsLast, padding, pair, unregularised } from './config.ts';
import { convProducts } from './conv-products.ts';
import { plainGradient, type LayerKind } from './layer.ts';
import { remainder, slide } from './window.ts';

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
      forward({ graph, training }, x, [w, b]) {
        const filtersFirst = graph.op('Transpose', [w], { perm: [3, 2, 0, 1] });
        const products = training ? convProducts(graph, { window, channels, filters }, x) : undefined;
        const z = products?.output?.(w!, b) ?? graph.op('Conv', [x, filtersFirst, b], sliding);
        const { y, backward } = activate(graph, activation, z);
        return {
          y,
          backward(dy, wantsInput) {
            const dz = backward(dy);
            const output_padding = window.axes.map(remainder);
            const dw = products!.kernelGradient(dz);
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
