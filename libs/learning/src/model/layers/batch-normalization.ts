import { z } from 'zod';
import { initializerConfig, ones, zeros } from '../initializers.ts';
import { absent } from './config.ts';
import { plainGradient, type LayerKind } from './layer.ts';

const config = z.looseObject({
  axis: z.union([z.int(), z.array(z.int()).length(1)]).default(-1),
  momentum: z.number().default(0.99),
  epsilon: z.number().positive().default(1e-3),
  center: z.boolean().default(true),
  scale: z.boolean().default(true),
  beta_regularizer: absent,
  gamma_regularizer: absent,
  beta_constraint: absent,
  gamma_constraint: absent,
  beta_initializer: initializerConfig.default(zeros),
  gamma_initializer: initializerConfig.default(ones),
  moving_mean_initializer: initializerConfig.default(zeros),
  moving_variance_initializer: initializerConfig.default(ones),
  trainable: z.literal(true, { error: 'frozen layers are not covered' }).optional(),
});

/**
 * Batch normalization (Ioffe, Szegedy 2015) over the last axis. In training it uses the batch's own mean and variance
 * and moves the averages towards them.
 */
export const batchNormalization: LayerKind<z.infer<typeof config>> = {
  className: 'BatchNormalization',
  config,
  create(name, { axis, momentum, epsilon, center, scale, ...initializers }, inputShape) {
    const along = typeof axis === 'number' ? axis : axis[0]!;
    if (along !== -1 && along !== inputShape.length)
      return { notCovered: `normalization along axis ${along}` };
    if (inputShape.length !== 1 && inputShape.length !== 3)
      return { notCovered: `input of shape [${inputShape.join(', ')}]` };
    const channels = inputShape.at(-1)!;
    const isImage = inputShape.length === 3;
    const slot = (what: string, initializer: z.infer<typeof initializerConfig>, trainable: boolean) => ({
      name: `${name}/${what}`,
      shape: [channels],
      initializer,
      trainable,
    });
    return {
      name,
      className: 'BatchNormalization',
      inputShape,
      outputShape: inputShape,
      weights: [
        ...(scale ? [slot('gamma', initializers.gamma_initializer, true)] : []),
        ...(center ? [slot('beta', initializers.beta_initializer, true)] : []),
        slot('moving_mean', initializers.moving_mean_initializer, false),
        slot('moving_variance', initializers.moving_variance_initializer, false),
      ],
      forward({ graph, training }, x, weights) {
        const g = graph;
        const others = g.integers(isImage ? [0, 2, 3] : [0]);
        const perChannel = (v: typeof x) =>
          isImage ? g.op('Reshape', [v, g.integers([channels, 1, 1])]) : v;
        const total = (v: typeof x) => g.op('ReduceSum', [v, others], { keepdims: 0 });
        const average = (v: typeof x) => g.op('ReduceMean', [v, others], { keepdims: 0 });
        const gamma = scale ? weights[0]! : undefined;
        const beta = center ? weights[scale ? 1 : 0]! : undefined;
        const first = weights.length - 2;
        const movingMean = weights[first]!;
        const movingVariance = weights[first + 1]!;

        const mean = training ? average(x) : movingMean;
        const centred = g.op('Sub', [x, perChannel(mean)]);
        const variance = training ? average(g.op('Mul', [centred, centred])) : movingVariance;
        const deviation = g.op('Sqrt', [g.op('Add', [variance, g.scalar(epsilon)])]);
        const normalised = g.op('Div', [centred, perChannel(deviation)]);
        const scaled = gamma ? g.op('Mul', [normalised, perChannel(gamma)]) : normalised;
        const y = beta ? g.op('Add', [scaled, perChannel(beta)]) : scaled;

        const moved = (old: typeof x, now: typeof x) =>
          g.op('Add', [g.op('Mul', [old, g.scalar(momentum)]), g.op('Mul', [now, g.scalar(1 - momentum)])]);
        return {
          y,
          ...(training
            ? {
                measured: { [first]: moved(movingMean, mean), [first + 1]: moved(movingVariance, variance) },
              }
            : {}),
          backward(dy, wantsInput) {
            const weighted = g.op('Mul', [dy, normalised]);
            // dx = gamma / deviation * (dy - mean(dy) - normalised * mean(dy * normalised))
            const meanOf = (v: typeof x) => perChannel(average(v));
            const inner = g.op('Sub', [
              g.op('Sub', [dy, meanOf(dy)]),
              g.op('Mul', [normalised, meanOf(weighted)]),
            ]);
            const slope = gamma ? g.op('Div', [gamma, deviation]) : g.op('Reciprocal', [deviation]);
            return {
              dx: wantsInput ? g.op('Mul', [inner, perChannel(slope)]) : undefined,
              gradients: [
                ...(scale ? [plainGradient(g, total(weighted))] : []),
                ...(center ? [plainGradient(g, total(dy))] : []),
                undefined,
                undefined,
              ],
            };
          },
        };
      },
    };
  },
};
