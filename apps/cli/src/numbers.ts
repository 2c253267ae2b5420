import { InvalidArgumentError } from 'commander';

// What options of the command line take for a number.

/** A number of 0 or more. */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('Not a number of 0 or more.');
  return value;
}

export function positiveNumber(text: string): number {
  const value = number(text);
  if (value === 0) throw new InvalidArgumentError('Not a number above 0.');
  return value;
}

export function positiveInteger(text: string): number {
  const value = positiveNumber(text);
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('Not a whole number.');
  return value;
}

/** A whole number from 0 to the most that is meant. */
export const wholeNumber =
  (most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = number(text);
    if (Number.isSafeInteger(value) && value <= most) return value;
    throw new InvalidArgumentError(`Not a whole number${most < 1e9 ? ` up to ${most}` : ''}.`);
  };
