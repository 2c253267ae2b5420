import { Fault } from '#libs/fault';
import { sharedBytes } from './dataset.ts';

const mostClasses = 65_536;

/**
 * Class labels in the smallest array that holds them, shared between threads.
 *
 * @throws Fault `DATA_UNSUITABLE` where there are more classes than a label can name
 */
export function labelArray(
  labels: readonly number[],
  classes: number,
  file: string,
): Uint8Array | Uint16Array {
  if (classes > mostClasses)
    throw new Fault(
      'DATA_UNSUITABLE',
      `${file} has ${classes} classes, and at most ${mostClasses} can be told apart.`,
      {
        facts: { file, classes },
        hint: 'Is this column a label? A regression takes floats as targets.',
      },
    );
  const array =
    classes <= 256 ? sharedBytes(labels.length) : new Uint16Array(new SharedArrayBuffer(2 * labels.length));
  array.set(labels);
  return array;
}
