import { InvalidArgumentError } from 'commander';
import type { BackendChoice } from '#libs/learning';
import type { DatasetOptions } from '../dataset-options.ts';

/** The options of `flobc train`; what is absent is chosen by what suits the model. */
export interface TrainOptions extends DatasetOptions {
  readonly dataset: string;
  readonly samples?: number;
  readonly epochs?: number;
  readonly batchSize: number;
  readonly optimizer?: 'sgd' | 'adam';
  readonly learningRate?: number;
  readonly decay?: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly clipNorm?: number;
  readonly loss?: string;
  readonly backend: BackendChoice;
  readonly workers?: number;
  readonly seed: string;
  readonly save?: string;
  readonly json?: boolean;
}

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
