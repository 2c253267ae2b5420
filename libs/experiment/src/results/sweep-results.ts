import type { TrialFigures } from './figures.ts';
import type { SweepRecord } from './sweep-record.ts';
import type { TrialTimes } from './trial-files.ts';

/** A trial that has ended. */
export interface TrialResult {
  readonly id: string;
  readonly cell: number;
  readonly seed: string;
  readonly folder: string;
  readonly figures: TrialFigures;
  /** Absent where it was not run by a sweep. */
  readonly times?: TrialTimes;
}

/** A sweep with the results that are there so far. */
export interface SweepResults {
  readonly folder: string;
  readonly record: SweepRecord;
  /** In the order of the record; those that have not ended are not among them. */
  readonly trials: readonly TrialResult[];
}
