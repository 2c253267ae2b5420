import { aggregatorOf, type AggregatorSpec, type Candidate } from '../aggregation/index.ts';
import { addInto } from '../parameters.ts';

/**
 * How a thread makes the parameters of a candidate from what all threads share. A recipe is small and its result is not:
 * hundreds of them can wait, and each is carried out just before its evaluation.
 */
export type Recipe =
  | { readonly kind: 'values'; readonly values: Float32Array }
  | { readonly kind: 'plus'; readonly base: Float32Array; readonly delta: Float32Array }
  | ShareRecipe
  | MergeRecipe;

/** base + (sum - weight x delta) / total: a weighted mean without one of its updates, in one pass. */
export interface ShareRecipe {
  readonly kind: 'share';
  readonly base: Float32Array;
  /** Weighted sum of the updates. */
  readonly sum: Float64Array;
  readonly minus?: { readonly weight: number; readonly delta: Float32Array };
  /** Sum of the weights that are left, > 0. */
  readonly total: number;
}

/** base + merge of the candidates, all or all but one. */
export interface MergeRecipe {
  readonly kind: 'merge';
  readonly base: Float32Array;
  readonly aggregator: AggregatorSpec;
  readonly candidates: readonly Candidate[];
  /** Position of the one that is left out. */
  readonly without?: number;
}

export function carryOut(recipe: Recipe, into: Float32Array): void {
  switch (recipe.kind) {
    case 'values':
      into.set(recipe.values);
      return;
    case 'plus':
      addInto(into, recipe.base, recipe.delta);
      return;
    case 'share':
      share(recipe, into);
      return;
    case 'merge':
      merge(recipe, into);
  }
}

function share({ base, sum, minus, total }: ShareRecipe, into: Float32Array): void {
  if (!minus) {
    for (let i = 0; i < into.length; i++) into[i] = base[i]! + sum[i]! / total;
    return;
  }
  const { weight, delta } = minus;
  for (let i = 0; i < into.length; i++) into[i] = base[i]! + (sum[i]! - weight * delta[i]!) / total;
}

/** A merge that is refused moves nothing: all that is left weighs zero. */
function merge({ base, aggregator, candidates, without }: MergeRecipe, into: Float32Array): void {
  const merged = aggregatorOf(aggregator).merge(candidates.filter((_, i) => i !== without));
  if (merged.kind === 'refused') into.set(base);
  else addInto(into, base, merged.delta);
}
