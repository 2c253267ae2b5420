import { z } from 'zod';
import type { LayerKind } from './layer.ts';

const config = z.looseObject({
  rate: z.number().min(0).lt(1),
  noise_shape: z.null({ error: 'noise_shape is not covered' }).optional(),
});

/**
 * Inverted dropout (Srivastava et al. 2014). The mask comes in from outside, drawn from the run's own seeded generator,
 * so that both backends drop the same values.
 */
export const dropout: LayerKind<z.infer<typeof config>> = {
  className: 'Dropout',
  config,
  create: (name, { rate }, inputShape) => ({
    name,
    className: 'Dropout',
    inputShape,
    outputShape: inputShape,
    weights: [],
    dropRate: rate,
    forward({ graph, mask }, x) {
      const masked = (value: typeof x) => (mask ? graph.op('Mul', [value, mask]) : value);
      return {
        y: masked(x),
        backward: (dy, wantsInput) => ({ dx: wantsInput ? masked(dy) : undefined, gradients: [] }),
      };
    },
  }),
};
