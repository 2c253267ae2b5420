import { Fault } from '#libs/fault';
import { type Dataset, exampleLength, type Shard } from './dataset.ts';

/**
 * Refuses a dataset that cannot be trained or evaluated on, before anything is.
 *
 * @throws Fault `DATA_UNSUITABLE` that names the dataset and the example
 */
export function checkDataset(dataset: Dataset): void {
  checkForm(dataset);
  for (let example = 0; example < dataset.size; example++) checkExample(dataset, example);
}

/**
 * Refuses a shard that cannot be trained or evaluated on. Looks at the shard's own examples only.
 *
 * @throws Fault `DATA_UNSUITABLE` that names the dataset and the example
 */
export function checkShard({ dataset, indices }: Shard): void {
  checkForm(dataset);
  if (indices.length === 0)
    throw unsuitable(dataset, 'the shard holds no examples', 'Give it at least one example.', {});
  for (const [position, example] of indices.entries()) {
    if (example >= dataset.size)
      throw unsuitable(
        dataset,
        `the shard names example ${example}, and there are ${dataset.size}`,
        'Was the shard made for another dataset?',
        { position, example },
      );
    checkExample(dataset, example);
  }
}

function checkForm(dataset: Dataset): void {
  const { size, shape, labels, features, scale, classes } = dataset;
  const values = size * exampleLength(shape);
  const again = 'Load the dataset again; its arrays do not belong together.';
  if (size === 0) throw unsuitable(dataset, 'there are no examples', 'Give it at least one example.', {});
  if (labels.length !== size)
    throw unsuitable(dataset, `there are ${labels.length} labels for ${size} examples`, again, {});
  if (features.length !== values)
    throw unsuitable(
      dataset,
      `${size} examples of shape [${shape.join(', ')}] are ${values} values, not ${features.length}`,
      again,
      {},
    );
  if (!Number.isInteger(classes) || classes < 0)
    throw unsuitable(
      dataset,
      `${classes} is no number of classes`,
      'Give a whole number; 0 means regression.',
      { classes },
    );
  if (!Number.isFinite(scale.mean) || !(scale.deviation > 0 && scale.deviation < Infinity))
    throw unsuitable(
      dataset,
      `a scale of mean ${scale.mean} and deviation ${scale.deviation} has no use`,
      'Give a finite mean and a deviation above 0.',
      { scale },
    );
}

function checkExample(dataset: Dataset, example: number): void {
  const { labels, classes, features, shape } = dataset;
  const label = labels[example]!;
  if (classes === 0 ? !Number.isFinite(label) : !(Number.isInteger(label) && label >= 0 && label < classes))
    throw unsuitable(
      dataset,
      classes === 0
        ? `example ${example} has the target ${label}`
        : `example ${example} has the label ${label}, and labels are 0 to ${classes - 1}`,
      'Mend or drop the example.',
      { example, label },
    );
  if (features instanceof Uint8Array) return; // a byte is always finite
  const length = exampleLength(shape);
  for (let feature = 0; feature < length; feature++) {
    const value = features[example * length + feature]!;
    if (!Number.isFinite(value))
      throw unsuitable(
        dataset,
        `example ${example} has the value ${value} as feature ${dataset.featureNames?.[feature] ?? feature}`,
        'Mend or drop the example.',
        { example, feature, value: String(value) },
      );
  }
}

function unsuitable({ name }: Dataset, problem: string, hint: string, facts: Record<string, unknown>): Fault {
  return new Fault('DATA_UNSUITABLE', `${name}: ${problem}.`, { facts: { dataset: name, ...facts }, hint });
}
