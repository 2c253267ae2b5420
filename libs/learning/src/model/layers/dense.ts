import { z } from 'zod';
import { activate } from '../activations.ts';
import { glorotUniform, initializerConfig, zeros } from '../initializers.ts';
import { activation, unregularised } from './config.ts';
import { plainGradient, productGradient, type LayerKind } from './layer.ts';

const config = unregularised.extend({
  units: z.int().positive(),
  activation,
  use_bias: z.boolean().default(true),
  kernel_initializer: initializerConfig.default(glorotUniform),
  bias_initializer: initializerConfig.default(zeros),
});

/** y = activation(x W + b), W of shape [inputs, units]. */
export const dense: LayerKind<z.infer<typeof config>> = {
  className: 'Dense',
  config,
  create(name, { units, activation, use_bias, kernel_initializer, bias_initializer }, inputShape) {
    if (inputShape.length !== 1)
      return { notCovered: `input of shape [${inputShape.join(', ')}]; a Flatten before it is covered` };
    const inputs = inputShape[0]!;
    const kernel = {
      name: `${name}/kernel`,
      shape: [inputs, units],
      initializer: kernel_initializer,
      trainable: true,
    };
    const bias = { name: `${name}/bias`, shape: [units], initializer: bias_initializer, trainable: true };
    return {
      name,
      className: 'Dense',
      inputShape,
      outputShape: [units],
      weights: use_bias ? [kernel, bias] : [kernel],
      forward({ graph }, x, [w, b]) {
        const { y, backward } = activate(graph, activation, graph.op('Gemm', [x, w, b]));
        return {
          y,
          backward(dy, wantsInput) {
            const dz = backward(dy);
            const db = graph.op('ReduceSum', [dz, graph.integers([0])], { keepdims: 0 });
            return {
              dx: wantsInput ? graph.op('Gemm', [dz, w], { transB: 1 }) : undefined,
              gradients: [
                productGradient(graph, x, dz, { transA: 1 }),
                ...(use_bias ? [plainGradient(graph, db)] : []),
              ],
            };
          },
        };
      },
    };
  },
};
