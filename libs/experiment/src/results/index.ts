export { documentedMetrics, metricInfo, type MetricInfo, metricNames, type Unit } from './catalogue.ts';
export type { ActorFigures, RoundFigures, TrialFigures } from './figures.ts';
export { judgementsOf, type Judgement, summaryOf, type SweepSummary } from './summary.ts';
export {
  makeSweepFolder,
  readSweepRecord,
  readSweepResults,
  sweepFiles,
  trialFolder,
  writeSweepTables,
} from './sweep-folder.ts';
export { readResults } from './single-run.ts';
export { recordOf, type Session, type SweepRecord } from './sweep-record.ts';
export type { SweepResults, TrialResult } from './sweep-results.ts';
export { checkTrialFolder, isTrialFile, type TrialTimes, writeTrialFiles } from './trial-files.ts';
