import type { Loss } from './loss.ts';

/** The mean over the outputs of (output - target)^2; with classes, the targets are one-hot. */
export const meanSquaredError: Loss = {
  name: 'meanSquaredError',
  head: undefined,
  misfit(outputs, classes) {
    if (classes === 0)
      return outputs === 1 ? undefined : `a regression needs 1 output and the model has ${outputs}`;
    return outputs >= classes ? undefined : `${outputs} outputs cannot name ${classes} classes`;
  },
  writeTarget(targets, at, outputs, label) {
    if (outputs === 1) targets[at] = label;
    else targets[at + label] = 1;
  },
  compiled: (graph, outputs, width) => ({
    outputs,
    gradient: (targets, seed) =>
      graph.op('Mul', [
        graph.op('Sub', [outputs, targets]),
        graph.op('Mul', [seed, graph.scalar(2 / width)]),
      ]),
  }),
  of(outputs, targets, at, width) {
    let sum = 0;
    for (let i = at; i < at + width; i++) sum += (outputs[i]! - targets[i]!) ** 2;
    return sum / width;
  },
  tfjs: (tf, outputs, targets) => tf.mean(tf.square(tf.sub(outputs, targets)), 1),
  predicted(outputs, at, width) {
    if (width === 1) return undefined;
    let best = 0;
    for (let i = 1; i < width; i++) if (outputs[at + i]! > outputs[at + best]!) best = i;
    return best;
  },
};
