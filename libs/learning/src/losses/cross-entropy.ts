import type { Loss } from './loss.ts';

/** -log softmax(outputs)[label], on logits. */
export const crossEntropy: Loss = {
  name: 'crossEntropy',
  head: 'softmax',
  misfit(outputs, classes) {
    if (classes === 0)
      return 'cross-entropy needs classes and the data has real targets; use meanSquaredError';
    return outputs >= classes ? undefined : `${outputs} outputs cannot name ${classes} classes`;
  },
  writeTarget(targets, at, _outputs, label) {
    targets[at + label] = 1;
  },
  compiled(graph, outputs, targets) {
    const logits = graph.op('LogSoftmax', [outputs], { axis: 1 });
    const picked = graph.op('ReduceSum', [graph.op('Mul', [logits, targets]), graph.integers([1])], {
      keepdims: 0,
    });
    return {
      perExample: graph.op('Neg', [picked]),
      gradient: (seed) => {
        const excess = graph.op('Sub', [graph.op('Softmax', [outputs], { axis: 1 }), targets]);
        return graph.op('Mul', [excess, seed]);
      },
    };
  },
  tfjs: (tf, outputs, targets) => tf.neg(tf.sum(tf.mul(tf.logSoftmax(outputs), targets), 1)),
  predicted(outputs, at, width) {
    let best = 0;
    for (let i = 1; i < width; i++) if (outputs[at + i]! > outputs[at + best]!) best = i;
    return best;
  },
};
