import { exampleLength, type Dataset, type Scale, type Shard } from '#libs/data';
import type { Generator } from '#libs/random';
import type { Batch, Engine, MaskSpec } from '../engine/engine.ts';

/** Buffers for one batch, filled again and again. */
export class BatchBuffer {
  readonly #engine: Engine;
  readonly #shard: Shard;
  readonly #width: number;
  readonly #features: Float32Array | Uint8Array;
  readonly #targets: Float32Array;
  readonly #masks: Float32Array[];
  readonly #read: (example: number, at: number) => void;

  constructor(engine: Engine, shard: Shard, batchSize: number, masks: readonly MaskSpec[] = []) {
    const rows = Math.min(batchSize, shard.indices.length);
    const { features } = shard.dataset;
    this.#engine = engine;
    this.#shard = shard;
    this.#width = exampleLength(engine.inputShape);
    const size = rows * this.#width;
    this.#features =
      features instanceof Uint8Array && engine.readsBytes ? new Uint8Array(size) : new Float32Array(size);
    this.#targets = new Float32Array(rows * engine.outputs);
    this.#masks = masks.map(({ shape }) => new Float32Array(rows * exampleLength(shape)));
    this.#read = featureReader(shard.dataset, this.#width, this.#features);
  }

  /** The examples at positions [from, to) of `order`, or of the shard where there is no order. */
  fill(order: Uint32Array | undefined, from: number, to: number, random?: Generator): Batch {
    const { dataset, indices } = this.#shard;
    this.#targets.fill(0);
    for (let position = from; position < to; position++) {
      const example = indices[order ? order[position]! : position]!;
      const row = position - from;
      this.#read(example, row * this.#width);
      const width = this.#engine.outputs;
      this.#engine.loss.writeTarget(this.#targets, row * width, width, dataset.labels[example]!);
    }
    if (random)
      for (const [i, mask] of this.#masks.entries()) drawMask(mask, this.#engine.masks[i]!.rate, random);
    return {
      samples: to - from,
      features: this.#features,
      scale: dataset.scale,
      targets: this.#targets,
      masks: this.#masks,
    };
  }

  /** Label of the example at a position. */
  label(order: Uint32Array | undefined, position: number): number {
    const { dataset, indices } = this.#shard;
    return dataset.labels[indices[order ? order[position]! : position]!]!;
  }
}

/** Copies one example, as it is or from bytes to floats. Bytes go through a table: one look-up a value. */
function featureReader(
  { features, scale }: Dataset,
  width: number,
  into: Float32Array | Uint8Array,
): (example: number, at: number) => void {
  if (features instanceof Float32Array || into instanceof Uint8Array) {
    return (example, at) => {
      into.set(features.subarray(example * width, (example + 1) * width), at);
    };
  }
  const table = byteTable(scale);
  return (example, at) => {
    const start = example * width;
    for (let i = 0; i < width; i++) into[at + i] = table[features[start + i]!]!;
  };
}

/**
 * What every byte means, `(v x 1/255 - mean) / deviation`, with float32 numbers and rounded to float32 after each operation,
 * as the graphs do it.
 */
export function byteTable({ mean, deviation }: Scale): Float32Array {
  const unit = Math.fround(1 / 255);
  return Float32Array.from({ length: 256 }, (_, byte) => {
    const centred = Math.fround(Math.fround(byte * unit) - Math.fround(mean));
    return centred / Math.fround(deviation);
  });
}

/** 0 with the given probability, else the factor that keeps the expectation. */
function drawMask(mask: Float32Array, rate: number, random: Generator): void {
  const kept = 1 / (1 - rate);
  for (let i = 0; i < mask.length; i++) mask[i] = random.uniform() < rate ? 0 : kept;
}
