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
 * Evaluates what the recipes make, spread over the threads. Sums are always taken part by part, so that no result depends
 * on the spread.
 */
export async function evaluateRecipes(
  recipes: readonly Recipe[],
  shard: Shard,
  threads: number,
  ask: Ask,
): Promise<Evaluation[]> {
  const parts = Array.from({ length: Math.ceil(shard.indices.length / evaluationPart) }, (_, i): Span => {
    const from = i * evaluationPart;
    return [from, Math.min(from + evaluationPart, shard.indices.length)];
  });
  // Two tasks a thread, so that the threads end together; more where there are many candidates.
  const tasks = threads === 1 ? 1 : 2 * threads;
  const { groups, pieces } = deal(recipes.length, parts.length, tasks);
  const answers = await Promise.all(
    groups.map(async (span) => {
      const group = recipes.slice(...span);
      const byPiece = pieces.map((piece) =>
        ask({ kind: 'evaluate', recipes: group, shard, parts: parts.slice(...piece) }),
      );
      const byPart = (await Promise.all(byPiece)).flat();
      return group.map((_, i) => evaluationOf(byPart.map((sums) => sums[i]!)));
    }),
  );
  return answers.flat();
}

/**
 * Every group of candidates and every piece of the data make a task. By candidates alone where there are enough of them,
 * because each task makes its candidates anew; where they do not go round, by as few groups and as even pieces as can be.
 */
function deal(
  candidates: number,
  parts: number,
  tasks: number,
): Record<'groups' | 'pieces', readonly Span[]> {
  const size = Math.min(together, Math.ceil(candidates / tasks));
  const count = Math.ceil(candidates / size);
  if (count >= tasks) return { groups: spansOf(candidates, count), pieces: [[0, parts]] };
  const least = Math.max(Math.ceil(candidates / together), Math.ceil(tasks / parts));
  const groups = spansOf(candidates, Math.min(candidates, least));
  return { groups, pieces: spansOf(parts, Math.min(parts, Math.ceil(tasks / groups.length))) };
}

/** Fewer parameters are not worth a task. */
const leastSummed = 65_536;

export function scoringWork(holdOut: Shard, threads: number, ask: Ask): ScoringWork {
  return {
    async norms(deltas) {
      const groups = spansOf(deltas.length, Math.min(threads, deltas.length));
      const asked = groups.map((span) => ask({ kind: 'norms', deltas: deltas.slice(...span) }));
      return (await Promise.all(asked)).flat();
    },
    async sum(deltas, weights) {
      const { length } = deltas[0]!;
      const into = new Float64Array(new SharedArrayBuffer(8 * length));
      const spans = spansOf(length, Math.min(threads, Math.ceil(length / leastSummed)));
      await Promise.all(spans.map((span) => ask({ kind: 'sum', deltas, weights, into, span })));
      return into;
    },
    evaluate: (recipes) => evaluateRecipes(recipes, holdOut, threads, ask),
  };
}

/** [0, length) in so many pieces, whose sizes differ by one at most. */
function spansOf(length: number, count: number): Span[] {
  const at = (i: number) => Math.floor((i * length) / count);
  return Array.from({ length: count }, (_, i) => [at(i), at(i + 1)]);
}
