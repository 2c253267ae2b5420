import type { Shard } from '#libs/data';
import { norm } from '../aggregation/norm.ts';
import { forWeightedSums } from '../aggregation/weighted-sums.ts';
import { part, patterns } from '../examples.fixture.ts';
import { layoutOf, type Parameters } from '../parameters.ts';
import { carryOut, type Recipe } from './recipe.ts';
import type { ScoringWork } from './score.ts';

export const parametersOf = (values: Iterable<number>): Parameters => {
  const floats = Float32Array.from(values);
  return { layout: layoutOf([{ name: 'all', shape: [floats.length] }]), values: floats };
};

export const made = (recipe: Recipe): Float32Array => {
  const base = recipe.kind === 'values' ? recipe.values : recipe.base;
  const into = new Float32Array(base.length);
  carryOut(recipe, into);
  return into;
};

/** Work done at once and here, with a loss (and an accuracy) that is a formula of the parameters; it notes what it was asked. */
export function paperWork(
  loss: (values: Float32Array) => number,
  accuracy: (values: Float32Array) => number = () => 0,
): ScoringWork & { readonly asked: { sums: number; candidates: number } } {
  const asked = { sums: 0, candidates: 0 };
  return {
    asked,
    norms: (deltas) => Promise.resolve(deltas.map(norm)),
    sum(deltas, weights) {
      asked.sums++;
      const into = new Float64Array(deltas[0]!.length);
      forWeightedSums(deltas, weights, 0, into.length, (sums, start, count) => {
        into.set(sums.subarray(0, count), start);
      });
      return Promise.resolve(into);
    },
    evaluate(recipes) {
      asked.candidates += recipes.length;
      const evaluation = (values: Float32Array) => ({
        samples: 100,
        loss: loss(values),
        accuracy: accuracy(values),
        perClass: [],
      });
      return Promise.resolve(recipes.map((recipe) => evaluation(made(recipe))));
    },
  };
}

export const anyShard: Shard = part(patterns(), 0, 10);
