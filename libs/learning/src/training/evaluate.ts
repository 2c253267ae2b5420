import type { Shard } from '#libs/data';
import type { Engine } from '../engine/engine.ts';
import { BatchBuffer } from './batch.ts';

export interface ClassCount {
  /** Examples of this class, how many of them were named rightly, and how often the class was named at all. */
  readonly examples: number;
  readonly correct: number;
  readonly predicted: number;
}

/** Sums over some examples; sums of parts add up to the sums of the whole. */
export interface EvaluationSums {
  readonly samples: number;
  readonly loss: number;
  readonly classes: readonly ClassCount[];
}

export interface Evaluation {
  readonly samples: number;
  /** Mean over the examples. */
  readonly loss: number;
  /** Share of the examples named rightly; absent in regression. */
  readonly accuracy: number | undefined;
  readonly perClass: readonly ClassCount[];
}

/** Rows in a batch of an evaluation: large enough for the matrix products, small enough to stay in the cache. */
const evaluationBatch = 250;

/** Examples in a part: the unit in which an evaluation is spread over threads, so that sums do not depend on them. */
export const evaluationPart = 500;

/**
 * Evaluates every candidate on the examples at positions [from, to) of a shard; a batch is read once for all of them.
 * Candidates are not views of shared memory, which ONNX Runtime does not take.
 */
export async function evaluatePart(
  engine: Engine,
  candidates: readonly Float32Array[],
  shard: Shard,
  from: number,
  to: number,
): Promise<EvaluationSums[]> {
  const buffer = new BatchBuffer(engine, shard, evaluationBatch);
  const tallies = candidates.map(() => new ClassTally(shard.dataset.classes));
  for (let start = from; start < to; start += evaluationBatch) {
    const end = Math.min(start + evaluationBatch, to);
    const batch = buffer.fill(undefined, start, end);
    for (const [i, values] of candidates.entries()) {
      const { losses, outputs } = await engine.evaluate(values, batch);
      for (let row = 0; row < end - start; row++) {
        const named = engine.loss.predicted(outputs, row * engine.outputs, engine.outputs);
        tallies[i]!.add(losses[row]!, buffer.label(undefined, start + row), named);
      }
    }
  }
  return tallies.map((tally) => tally.sums());
}

class ClassTally {
  #samples = 0;
  #loss = 0;
  readonly #examples: number[];
  readonly #correct: number[];
  readonly #predicted: number[];

  constructor(classes: number) {
    this.#examples = new Array<number>(classes).fill(0);
    this.#correct = new Array<number>(classes).fill(0);
    this.#predicted = new Array<number>(classes).fill(0);
  }

  add(loss: number, label: number, named: number | undefined): void {
    this.#samples++;
    this.#loss += loss;
    if (named === undefined) return;
    this.#examples[label]!++;
    // A model may have more outputs than the data has classes; those name nothing.
    if (named < this.#predicted.length) this.#predicted[named]!++;
    if (named === label) this.#correct[label]!++;
  }

  sums(): EvaluationSums {
    const classes = this.#examples.map((examples, i) => ({
      examples,
      correct: this.#correct[i]!,
      predicted: this.#predicted[i]!,
    }));
    return { samples: this.#samples, loss: this.#loss, classes };
  }
}

/** Adds up the parts of an evaluation, in their order. */
export function evaluationOf(parts: readonly EvaluationSums[]): Evaluation {
  const samples = parts.reduce((sum, part) => sum + part.samples, 0);
  const loss = parts.reduce((sum, part) => sum + part.loss, 0) / samples;
  const perClass = parts[0]!.classes.map((_, c) => ({
    examples: parts.reduce((sum, part) => sum + part.classes[c]!.examples, 0),
    correct: parts.reduce((sum, part) => sum + part.classes[c]!.correct, 0),
    predicted: parts.reduce((sum, part) => sum + part.classes[c]!.predicted, 0),
  }));
  const correct = perClass.reduce((sum, { correct }) => sum + correct, 0);
  return { samples, loss, accuracy: perClass.length === 0 ? undefined : correct / samples, perClass };
}
