import type { Loss } from './loss.ts';

/** softplus(z) - t z on the logit z: the stable form of -t log p - (1 - t) log (1 - p) with p = sigmoid(z). */
export const binaryCrossEntropy: Loss = {
  name: 'binaryCrossEntropy',
  head: 'sigmoid',
  misfit(outputs, classes) {
    if (classes !== 2) return `binary cross-entropy needs 2 classes and the data has ${classes}`;
    return outputs === 1 ? undefined : `binary cross-entropy needs 1 output and the model has ${outputs}`;
  },
  writeTarget(targets, at, _outputs, label) {
    targets[at] = label;
  },
  compiled: (graph, outputs) => ({
    outputs,
    gradient: (targets, seed) =>
      graph.op('Mul', [graph.op('Sub', [graph.op('Sigmoid', [outputs]), targets]), seed]),
  }),
  of(logits, targets, at) {
    const z = logits[at]!;
    return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - z * targets[at]!;
  },
  tfjs: (tf, outputs, targets) => tf.sum(tf.sub(tf.softplus(outputs), tf.mul(outputs, targets)), 1),
  predicted: (outputs, at) => (outputs[at]! > 0 ? 1 : 0),
};
