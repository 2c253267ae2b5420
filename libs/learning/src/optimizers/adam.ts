import { z } from 'zod';
import type { Optimizer } from './optimizer.ts';

export const adamConfig = z.strictObject({
  kind: z.literal('adam'),
  learningRate: z.number().positive().default(1e-3),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  epsilon: z.number().positive().default(1e-7),
});

/**
 * Adam (Kingma, Ba 2015, algorithm 1): m <- b1 m + (1 - b1) g, v <- b2 v + (1 - b2) g^2,
 * w <- w - rate m^ / (sqrt(v^) + epsilon). The moments are kept without their factors (1 - b), which go into the two
 * corrections instead: fewer passes over the weights, and those passes are what Adam costs.
 */
export function adam({ learningRate, beta1, beta2, epsilon }: z.infer<typeof adamConfig>): Optimizer {
  return {
    name: 'adam',
    slots: 2,
    isPlain: false,
    scalars(step) {
      const first = (1 - beta1) / (1 - beta1 ** step);
      const second = Math.sqrt((1 - beta2) / (1 - beta2 ** step));
      // rate * first * m / (second * sqrt(v) + epsilon), divided through by `second`
      return { beta1, beta2, rate: (learningRate * first) / second, epsilon: epsilon / second };
    },
    compiled(graph, weight, gradient, [m, v], scalar) {
      const g = gradient.value();
      const mean = graph.op('Add', [graph.op('Mul', [m, scalar('beta1')]), g]);
      const square = graph.op('Add', [graph.op('Mul', [v, scalar('beta2')]), graph.op('Mul', [g, g])]);
      const scale = graph.op('Add', [graph.op('Sqrt', [square]), scalar('epsilon')]);
      const step = graph.op('Mul', [graph.op('Div', [mean, scale]), scalar('rate')]);
      return { weight: graph.op('Sub', [weight, step]), slots: [mean, square] };
    },
    tfjs(tf, weight, g, [m, v], scalars) {
      const mean = tf.add(tf.mul(m!, beta1), g);
      const square = tf.add(tf.mul(v!, beta2), tf.square(g));
      const step = tf.mul(tf.div(mean, tf.add(tf.sqrt(square), scalars.epsilon!)), scalars.rate!);
      return { weight: tf.sub(weight, step), slots: [mean, square] };
    },
  };
}
