import type { Dataset } from '#libs/data';
import type { TrainerConduct } from '#libs/node';
import { sharedLike } from './examples.ts';

/** Learns, honestly, from labels that are the wrong way round: the class y is called `classes - 1 - y`. */
export function labelFlip(): TrainerConduct {
  return { shard: ({ dataset, indices }) => ({ dataset: flipped(dataset), indices }) };
}

const known = new WeakMap<Dataset, Dataset>();

/** The dataset under flipped labels, made once for all who flip; a regression's targets change their sign. */
export function flipped(dataset: Dataset): Dataset {
  const before = known.get(dataset);
  if (before !== undefined) return before;
  const { classes } = dataset;
  const labels = sharedLike(dataset.labels, dataset.size);
  for (let i = 0; i < dataset.size; i++) {
    const label = dataset.labels[i]!;
    labels[i] = classes === 0 ? -label : classes - 1 - label;
  }
  const after = { ...dataset, labels };
  known.set(dataset, after);
  return after;
}
