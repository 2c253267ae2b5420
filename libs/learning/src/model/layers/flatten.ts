import { z } from 'zod';
import type { LayerKind } from './layer.ts';

const config = z.looseObject({ data_format: z.string().nullish() });

/** Examples as vectors, in channels-last order, so that weights mean the same as in Keras. */
export const flatten: LayerKind<z.infer<typeof config>> = {
  className: 'Flatten',
  config,
  create(name, _config, inputShape) {
    const size = inputShape.reduce((product, d) => product * d, 1);
    const [height, width, channels] = inputShape;
    const isImage = inputShape.length === 3;
    // With one channel, or one position, both orders are the same bytes.
    const reorders = isImage && channels! > 1 && height! * width! > 1;
    return {
      name,
      className: 'Flatten',
      inputShape,
      outputShape: [size],
      weights: [],
      reshapes: true,
      forward({ graph }, x) {
        const channelsLast = reorders ? graph.op('Transpose', [x], { perm: [0, 2, 3, 1] }) : x;
        return {
          y: graph.op('Reshape', [channelsLast, graph.integers([0, size])]),
          backward(dy, wantsInput) {
            if (!wantsInput) return { dx: undefined, gradients: [] };
            if (!isImage)
              return { dx: graph.op('Reshape', [dy, graph.integers([0, ...inputShape])]), gradients: [] };
            if (!reorders)
              return {
                dx: graph.op('Reshape', [dy, graph.integers([0, channels!, height!, width!])]),
                gradients: [],
              };
            const images = graph.op('Reshape', [dy, graph.integers([0, height!, width!, channels!])]);
            return { dx: graph.op('Transpose', [images], { perm: [0, 3, 1, 2] }), gradients: [] };
          },
        };
      },
    };
  },
};
