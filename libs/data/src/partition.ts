import type { Generator } from '#libs/random';
import { type Dataset, type Shard, sharedIndices } from './dataset.ts';
import { dirichletQuotas, labelsOfRanges, labelsOfTrainers, powerLawSizes, quotasOfLabels } from './deal.ts';
import { evenly } from './apportion.ts';
import { checkPlan, impossible, type PartitionPlan } from './plan.ts';

/** Who has what: `shards[t]` is Trainer t's, `holdOuts[v]` Validator v's. No example is in two places. */
export interface Partition {
  readonly shards: readonly Shard[];
  readonly holdOuts: readonly Shard[];
}

/**
 * Deals the examples of a training set to Trainers and Validators. Pure: the same dataset, plan and generator give the
 * same indices, in ascending order, on every machine.
 *
 * One permutation of all examples decides everything that is not the kind's own: hold-outs are cut from its end,
 * shards are dealt from its beginning, Trainer after Trainer. So with `samplesPerTrainer` given, one more Trainer or
 * Validator leaves the examples of all others as they are; docs/data.md says where that ends.
 *
 * @throws Fault `OPTION_INVALID`, `PARTITION_IMPOSSIBLE` with the numbers
 */
export function partition(dataset: Dataset, plan: PartitionPlan, random: Generator): Partition {
  checkPlan(dataset, plan);
  const { validators, samplesPerValidator } = plan;
  const order = random.split('examples').permutation(dataset.size);
  const left = dataset.size - validators * samplesPerValidator;
  const holdOuts = Array.from({ length: validators }, (_, v) => {
    const end = dataset.size - v * samplesPerValidator;
    return shardOf(dataset, order.subarray(end - samplesPerValidator, end));
  });
  const shards = deal(dataset, plan, order.subarray(0, left), random);
  return { shards: shards.map((examples) => shardOf(dataset, examples)), holdOuts };
}

/** What each Trainer gets of `pool`, which is in random order. */
function deal(dataset: Dataset, plan: PartitionPlan, pool: Uint32Array, random: Generator): Uint32Array[] {
  const { trainers, samplesPerTrainer } = plan;
  const sizes = (): number[] =>
    samplesPerTrainer === undefined
      ? evenly(pool.length, trainers)
      : new Array<number>(trainers).fill(samplesPerTrainer);
  switch (plan.kind) {
    case 'iid':
      return cut(pool, sizes());
    case 'powerLaw':
      return cut(pool, powerLawSizes(plan, pool.length, random));
    case 'dirichlet':
      return dealByLabel(dataset, pool, (left) =>
        dirichletQuotas(sizes(), plan.parameters.alpha, left, random),
      );
    case 'labelsPerTrainer': {
      const labels = labelsOfTrainers(trainers, plan.parameters.k, dataset.classes, random);
      return dealByLabel(dataset, pool, (left) => quotasOfLabels(plan, labels, left));
    }
    case 'digitRanges': {
      const labels = labelsOfRanges(trainers, plan.parameters?.ranges);
      return dealByLabel(dataset, pool, (left) => quotasOfLabels(plan, labels, left));
    }
  }
}

/** Consecutive pieces of a pool. */
function cut(pool: Uint32Array, sizes: readonly number[]): Uint32Array[] {
  let start = 0;
  return sizes.map((size) => pool.subarray(start, (start += size)));
}

/**
 * Deals each label's examples, in the order of the pool, by quotas: `quotas(left)[t][label]`, `left[label]` being the
 * number of examples that there are.
 */
function dealByLabel(
  { labels, classes }: Dataset,
  pool: Uint32Array,
  quotas: (left: readonly number[]) => readonly (readonly number[])[],
): Uint32Array[] {
  const ofLabel = Array.from({ length: classes }, (): number[] => []);
  for (const example of pool) ofLabel[labels[example]!]!.push(example);
  const next = new Array<number>(classes).fill(0);
  return quotas(ofLabel.map((examples) => examples.length)).map((quota, trainer) => {
    if (quota.every((count) => count === 0))
      throw impossible(
        `Trainer ${trainer} would get no example of any of its labels.`,
        { trainer },
        'Use fewer Trainers or other labels.',
      );
    return Uint32Array.from(
      quota.flatMap((count, label) => ofLabel[label]!.slice(next[label], (next[label]! += count))),
    );
  });
}

function shardOf(dataset: Dataset, examples: Uint32Array): Shard {
  const indices = sharedIndices(examples.length);
  indices.set(examples);
  return { dataset, indices: indices.sort() };
}
