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
  compiled(graph, outputs) {
    const logarithms = graph.op('LogSoftmax', [outputs], { axis: 1 });
    return {
      outputs: logarithms,
      gradient: (targets, seed) =>
        graph.op('Mul', [graph.op('Sub', [graph.op('Exp', [logarithms]), targets]), seed]),
    };
  },
  of(logarithms, targets, at, width) {
    let sum = 0;
    for (let i = at; i < at + width; i++) if (targets[i] !== 0) sum -= targets[i]! * logarithms[i]!;
    return sum;
  },
  tfjs: (tf, outputs, targets) => tf.neg(tf.sum(tf.mul(tf.logSoftmax(outputs), targets), 1)),
  predicted(outputs, at, width) {
    let best = 0;
    for (let i = 1; i < width; i++) if (outputs[at + i]! > outputs[at + best]!) best = i;
    return best;
  },
};
