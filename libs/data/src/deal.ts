import type { Generator } from '#libs/random';
import { evenly, proportionally, proportionallyWithin } from './apportion.ts';
import { impossible, type PartitionPlan } from './plan.ts';

const flobcRanges: readonly (readonly [number, number])[] = [
  [0, 3],
  [4, 6],
  [7, 9],
];

/** The labels of each Trainer where ranges go round. */
export function labelsOfRanges(trainers: number, ranges = flobcRanges): number[][] {
  return Array.from({ length: trainers }, (_, t) => {
    const [from, to] = ranges[t % ranges.length]!;
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

/**
 * k labels for each Trainer, drawn in its own order among those that the fewest Trainers before it have: labels stay
 * balanced to within one Trainer, and a later Trainer changes nothing for an earlier one.
 */
export function labelsOfTrainers(
  trainers: number,
  k: number,
  classes: number,
  random: Generator,
): number[][] {
  const holders = new Array<number>(classes).fill(0);
  return Array.from({ length: trainers }, (_, t) => {
    const shuffled = [...random.split('labels', t).permutation(classes)];
    const labels = shuffled.sort((a, b) => holders[a]! - holders[b]!).slice(0, k);
    for (const label of labels) holders[label]!++;
    return labels.sort((a, b) => a - b);
  });
}

/**
 * Quotas of Trainers that have some of the labels: `samplesPerTrainer` evenly over its labels, or, where that is not
 * given, all examples of a label evenly over the Trainers that have it.
 */
export function quotasOfLabels(
  { kind, samplesPerTrainer }: PartitionPlan,
  labels: readonly (readonly number[])[],
  left: readonly number[],
): number[][] {
  const quotas = labels.map(() => new Array<number>(left.length).fill(0));
  if (samplesPerTrainer === undefined) {
    for (const [label, available] of left.entries()) {
      const holders = quotas.filter((_, t) => labels[t]!.includes(label));
      for (const [i, count] of evenly(available, holders.length).entries()) holders[i]![label] = count;
    }
    return quotas;
  }
  for (const [t, own] of labels.entries())
    for (const [i, count] of evenly(samplesPerTrainer, own.length).entries()) quotas[t]![own[i]!] = count;
  for (const [label, available] of left.entries()) {
    const asked = quotas.reduce((sum, quota) => sum + quota[label]!, 0);
    if (asked > available)
      throw impossible(
        `With ${kind} and ${samplesPerTrainer} examples for each of ${labels.length} Trainers, ${asked} examples of label ${label} ` +
          `are asked for, and ${available} are left beside the hold-outs.`,
        { label, asked, available },
        'Use fewer Trainers, fewer examples for each, or more labels for each.',
      );
  }
  return quotas;
}

/**
 * Quotas after Hsu, Qi, Brown 2019 (arXiv:1909.06335): each Trainer draws its mixture of labels from Dir(alpha), Trainer
 * after Trainer without replacement; of a label that has run out, the rest of the mixture takes the place.
 */
export function dirichletQuotas(
  sizes: readonly number[],
  alpha: number,
  left: readonly number[],
  random: Generator,
): number[][] {
  const remaining = [...left];
  return sizes.map((size, t) => {
    const quota = proportionallyWithin(
      size,
      mixture(alpha, left.length, random.split('mixture', t)),
      remaining,
    );
    for (const [label, count] of quota.entries()) remaining[label]! -= count;
    return quota;
  });
}

/** A draw from the symmetric Dirichlet distribution, not normalised. */
function mixture(alpha: number, classes: number, random: Generator): number[] {
  const weights = Array.from({ length: classes }, () => random.gamma(alpha));
  // For tiny alphas every gamma draw may round to 0; the limit of the distribution is one label drawn evenly.
  if (!weights.some((weight) => weight > 0)) weights[random.integer(classes)] = 1;
  return weights;
}

/**
 * Sizes from a Pareto distribution bounded to [x, ratio x], each Trainer's from its own generator, x such that the mean
 * is `samplesPerTrainer`; where that is not given, the draws in proportion fill the pool.
 */
export function powerLawSizes(
  plan: PartitionPlan & { kind: 'powerLaw' },
  pool: number,
  random: Generator,
): number[] {
  const { trainers, samplesPerTrainer, parameters: { exponent = 1, ratio = 100 } = {} } = plan;
  const tail = ratio ** -exponent;
  // The inverse of the distribution function, F(x) = (1 - x^-exponent) / (1 - tail) for x in [1, ratio].
  const draws = Array.from(
    { length: trainers },
    (_, t) => (1 - random.split('size', t).uniform() * (1 - tail)) ** (-1 / exponent),
  );
  if (samplesPerTrainer === undefined) return proportionally(pool - trainers, draws).map((size) => size + 1);
  const sizes = draws.map((draw) =>
    Math.max(1, Math.round((samplesPerTrainer * draw) / meanOfPareto(exponent, ratio))),
  );
  const asked = sizes.reduce((a, b) => a + b, 0);
  if (asked > pool)
    throw impossible(
      `The ${trainers} sizes drawn for powerLaw around a mean of ${samplesPerTrainer} add up to ${asked} examples, and ${pool} are left beside the hold-outs.`,
      { asked, available: pool },
      'Use a smaller mean or another seed, or leave samplesPerTrainer out to share all that there is.',
    );
  return sizes;
}

/** Mean of the Pareto distribution with the given exponent bounded to [1, ratio]; exact near exponent 1 as well. */
function meanOfPareto(exponent: number, ratio: number): number {
  if (ratio === 1) return 1;
  const log = Math.log(ratio);
  const integral = exponent === 1 ? log : Math.expm1((1 - exponent) * log) / (1 - exponent);
  return (exponent * integral) / -Math.expm1(-exponent * log);
}
