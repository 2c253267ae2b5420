import { exampleLength, type Dataset, type Shard } from '#libs/data';
import { generator } from '#libs/random';

const classes = 3;

/** Shares of the classes for one example, in double precision; the weights are a kernel of [inputs, 3] and a bias. */
export function forward(values: ArrayLike<number>, dataset: Dataset, example: number): number[] {
  const x = features(dataset, example);
  const logits = Array.from({ length: classes }, (_, c) =>
    x.reduce((sum, v, i) => sum + v * values[i * classes + c]!, values[x.length * classes + c]!),
  );
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - most));
  const total = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / total);
}

function features({ features, scale, shape }: Dataset, example: number): number[] {
  const width = exampleLength(shape);
  const bytes = Array.from(features.subarray(example * width, (example + 1) * width));
  return bytes.map((byte) => (byte / 255 - scale.mean) / scale.deviation);
}

interface Schedule {
  readonly epochs: number;
  readonly batchSize: number;
  readonly maxBatches: number;
}

/** Training with plain steps of rate 0.1 as a loop: no graph, no gradient but the one that textbooks give. */
export function softmaxRegression(
  start: Float32Array,
  { dataset, indices }: Shard,
  { epochs, batchSize, maxBatches }: Schedule,
  seed: number,
): { values: Float64Array; loss: number; accuracy: number } {
  const values = Float64Array.from(start);
  const seen = Math.min(indices.length, batchSize * maxBatches);
  let loss = 0;
  let correct = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = generator(seed).split('order', epoch).permutation(indices.length);
    loss = correct = 0;
    for (let from = 0; from < seen; from += batchSize) {
      const batch = Array.from(order.subarray(from, Math.min(from + batchSize, seen)), (at) => indices[at]!);
      const gradient = new Float64Array(values.length);
      for (const example of batch) {
        const shares = forward(values, dataset, example);
        const label = dataset.labels[example]!;
        loss -= Math.log(shares[label]!);
        if (shares.indexOf(Math.max(...shares)) === label) correct++;
        const excess = shares.map((share, c) => (share - (c === label ? 1 : 0)) / batch.length);
        for (const [i, x] of [...features(dataset, example), 1].entries())
          for (const [c, e] of excess.entries()) gradient[i * classes + c]! += x * e;
      }
      for (const [i, g] of gradient.entries()) values[i]! -= 0.1 * g;
    }
  }
  return { values, loss: loss / seen, accuracy: correct / seen };
}

/** The largest difference between two vectors. */
export function gap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((most, v, i) => Math.max(most, Math.abs(v - b[i]!)), 0);
}
