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
