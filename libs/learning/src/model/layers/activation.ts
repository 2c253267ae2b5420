import { z } from 'zod';
import type { Graph, Value } from '../../onnx/graph.ts';
import { activate, leakyRelu, type Activated } from '../activations.ts';
import { activation } from './config.ts';
import type { Layer, LayerKind, Shape } from './layer.ts';

function pointwise(
  className: string,
  name: string,
  shape: Shape,
  apply: (graph: Graph, x: Value) => Activated,
): Layer {
  return {
    name,
    className,
    inputShape: shape,
    outputShape: shape,
    weights: [],
    forward({ graph }, x) {
      const { y, backward } = apply(graph, x);
      return {
        y,
        backward: (dy, wantsInput) => ({ dx: wantsInput ? backward(dy) : undefined, gradients: [] }),
      };
    },
  };
}

const activationConfig = z.looseObject({ activation });

export const activationLayer: LayerKind<z.infer<typeof activationConfig>> = {
  className: 'Activation',
  config: activationConfig,
  create(name, { activation }, inputShape) {
    if (activation === 'softmax' && inputShape.length > 1)
      return { notCovered: 'softmax over the channels of an image' };
    return pointwise('Activation', name, inputShape, (graph, x) => activate(graph, activation, x));
  },
};

const reluConfig = z.looseObject({
  max_value: z
    .union([z.null(), z.literal(6)], { error: 'a max_value other than 6 is not covered' })
    .optional(),
  negative_slope: z.literal(0, { error: 'a negative slope is not covered' }).nullish(),
  threshold: z.literal(0, { error: 'a threshold is not covered' }).nullish(),
});

export const reluLayer: LayerKind<z.infer<typeof reluConfig>> = {
  className: 'ReLU',
  config: reluConfig,
  create: (name, { max_value }, inputShape) =>
    pointwise('ReLU', name, inputShape, (graph, x) => activate(graph, max_value === 6 ? 'relu6' : 'relu', x)),
};

const leakyConfig = z
  .looseObject({ alpha: z.number().optional(), negative_slope: z.number().optional() })
  .transform(({ alpha, negative_slope }) => alpha ?? negative_slope ?? 0.3);

export const leakyReluLayer: LayerKind<z.infer<typeof leakyConfig>> = {
  className: 'LeakyReLU',
  config: leakyConfig,
  create: (name, alpha, inputShape) =>
    pointwise('LeakyReLU', name, inputShape, (graph, x) => leakyRelu(graph, alpha, x)),
};
