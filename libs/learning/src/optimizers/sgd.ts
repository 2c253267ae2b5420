import { z } from 'zod';
import type { Optimizer } from './optimizer.ts';

export const sgdConfig = z.strictObject({
  kind: z.literal('sgd'),
  learningRate: z.number().positive().default(0.1),
  momentum: z.number().min(0).lt(1).default(0),
  nesterov: z.boolean().default(false),
});

/**
 * Stochastic gradient descent: w <- w - rate g; with momentum (Sutskever et al. 2013, as in PyTorch and tfjs)
 * v <- momentum v + g, w <- w - rate v, or w <- w - rate (g + momentum v) with Nesterov's.
 */
export function sgd({ learningRate, momentum, nesterov }: z.infer<typeof sgdConfig>): Optimizer {
  if (momentum === 0) return plain(learningRate);
  return {
    name: nesterov ? 'sgd with Nesterov momentum' : 'sgd with momentum',
    slots: 1,
    isPlain: false,
    scalars: () => ({ learningRate, momentum }),
    compiled(graph, weight, gradient, [velocity], scalar) {
      const g = gradient.value();
      const damped = (v: typeof weight) => graph.op('Mul', [v, scalar('momentum')]);
      const moved = graph.op('Add', [damped(velocity!), g]);
      const direction = nesterov ? graph.op('Add', [g, damped(moved)]) : moved;
      const step = graph.op('Mul', [direction, scalar('learningRate')]);
      return { weight: graph.op('Sub', [weight, step]), slots: [moved] };
    },
    tfjs(tf, weight, g, [velocity]) {
      const moved = tf.add(tf.mul(velocity!, momentum), g);
      const direction = nesterov ? tf.add(g, tf.mul(moved, momentum)) : moved;
      return { weight: tf.sub(weight, tf.mul(direction, learningRate)), slots: [moved] };
    },
  };
}

function plain(learningRate: number): Optimizer {
  return {
    name: 'sgd',
    slots: 0,
    isPlain: true,
    scalars: () => ({ learningRate }),
    compiled(graph, weight, gradient, _slots, scalar) {
      const step = graph.op('Mul', [gradient.value(), scalar('learningRate')]);
      return { weight: graph.op('Sub', [weight, step]), slots: [] };
    },
    tfjs: (tf, weight, gradient) => ({ weight: tf.sub(weight, tf.mul(gradient, learningRate)), slots: [] }),
  };
}
