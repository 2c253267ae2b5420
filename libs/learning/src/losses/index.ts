import { Fault, nearest } from '#libs/fault';
import { binaryCrossEntropy } from './binary-cross-entropy.ts';
import { crossEntropy } from './cross-entropy.ts';
import type { Loss, LossName } from './loss.ts';
import { meanSquaredError } from './mean-squared-error.ts';

export type { Loss, LossName } from './loss.ts';

export const losses: Readonly<Record<LossName, Loss>> = {
  crossEntropy,
  binaryCrossEntropy,
  meanSquaredError,
};
export const lossNames = Object.keys(losses) as LossName[];

/** Names under which Keras and tfjs know these losses. */
const aliases: Readonly<Record<string, LossName>> = {
  categoricalCrossentropy: 'crossEntropy',
  categorical_crossentropy: 'crossEntropy',
  sparseCategoricalCrossentropy: 'crossEntropy',
  sparse_categorical_crossentropy: 'crossEntropy',
  softmaxCrossEntropy: 'crossEntropy',
  binaryCrossentropy: 'binaryCrossEntropy',
  binary_crossentropy: 'binaryCrossEntropy',
  mean_squared_error: 'meanSquaredError',
  mse: 'meanSquaredError',
  CategoricalCrossentropy: 'crossEntropy',
  SparseCategoricalCrossentropy: 'crossEntropy',
  BinaryCrossentropy: 'binaryCrossEntropy',
  MeanSquaredError: 'meanSquaredError',
};

/** The loss of that name, ours or that of Keras. */
export function lossNamed(name: string): Loss {
  const own = Object.hasOwn(aliases, name) ? aliases[name]! : name;
  if (Object.hasOwn(losses, own)) return losses[own as LossName];
  const known = [...lossNames, ...Object.keys(aliases)];
  const near = nearest(name, known);
  throw new Fault('OPTION_INVALID', `unknown loss "${name}"`, {
    facts: { name, known: lossNames },
    hint: near ? `Did you mean "${near}"?` : `Known losses: ${lossNames.join(', ')}.`,
  });
}
