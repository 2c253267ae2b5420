import type { MessagePort } from 'node:worker_threads';
import type { Shard } from '#libs/data';
import type { Recipe } from '../scoring/recipe.ts';
import type { ScoringWork } from '../scoring/score.ts';
import { evaluationOf, evaluationPart, type Evaluation } from '../training/evaluate.ts';
import type { Answers, Span, Task } from './messages.ts';

/** Has a task done by whichever thread is free. */
export type Ask = <K extends Task['kind']>(
  task: Task & { readonly kind: K },
  transferList?: MessagePort[],
) => Promise<Answers[K]>;

/** Candidates that one thread evaluates together at most: enough to share the reading of a batch, few enough to hold. */
const together = 8;

/**
 * Evaluates what the recipes make, spread over the threads by candidates, and by parts of the data where there are fewer
 * candidates than threads. Sums are always taken part by part, so that no result depends on the spread.
 */
export async function evaluateRecipes(
  recipes: readonly Recipe[],
  shard: Shard,
  threads: number,
  ask: Ask,
): Promise<Evaluation[]> {
  const parts = spansOf(shard.indices.length, evaluationPart);
  // Two tasks a thread, so that the threads end together; more where there are many candidates.
  const tasks = threads === 1 ? 1 : 2 * threads;
  const size = Math.min(together, Math.ceil(recipes.length / tasks));
  const groups = spansOf(recipes.length, size).map((span) => recipes.slice(...span));
  const pieces = groups.length < tasks ? parts.map((part) => [part]) : [parts];
  const answers = await Promise.all(
    groups.map(async (group) => {
      const byPiece = pieces.map((piece) => ask({ kind: 'evaluate', recipes: group, shard, parts: piece }));
      const byPart = (await Promise.all(byPiece)).flat();
      return group.map((_, i) => evaluationOf(byPart.map((sums) => sums[i]!)));
    }),
  );
  return answers.flat();
}

/** Fewer parameters are not worth a task. */
const leastSummed = 65_536;

export function scoringWork(holdOut: Shard, threads: number, ask: Ask): ScoringWork {
  return {
    async norms(deltas) {
      const groups = spansOf(deltas.length, Math.ceil(deltas.length / threads));
      const asked = groups.map((span) => ask({ kind: 'norms', deltas: deltas.slice(...span) }));
      return (await Promise.all(asked)).flat();
    },
    async sum(deltas, weights) {
      const { length } = deltas[0]!;
      const into = new Float64Array(new SharedArrayBuffer(8 * length));
      const spans = spansOf(length, Math.max(Math.ceil(length / threads), leastSummed));
      await Promise.all(spans.map((span) => ask({ kind: 'sum', deltas, weights, into, span })));
      return into;
    },
    evaluate: (recipes) => evaluateRecipes(recipes, holdOut, threads, ask),
  };
}

/** [0, length) in pieces of one size but for the last. */
function spansOf(length: number, size: number): Span[] {
  return Array.from({ length: Math.ceil(length / size) }, (_, i) => [
    i * size,
    Math.min((i + 1) * size, length),
  ]);
}
