import type { BatchResult, Engine } from './engine.ts';

/** Outputs without what an engine may have added to all those of an example: under cross-entropy, their log-softmax. */
export function comparable({ loss, outputs: width }: Engine, { outputs }: Pick<BatchResult, 'outputs'>) {
  if (loss.name !== 'crossEntropy') return Float32Array.from(outputs);
  return Float32Array.from(outputs, (value, i) => {
    const row = outputs.subarray(i - (i % width), i - (i % width) + width);
    const top = Math.max(...row);
    return value - top - Math.log(row.reduce((sum, v) => sum + Math.exp(v - top), 0));
  });
}
