export { canonicalPlan, configurationDigest, type Json, planJson } from './plan/canonical.ts';
export { parsePlan } from './plan/parse.ts';
export { presets, type Preset, type PresetSetting } from './presets/index.ts';
export {
  type LoadedRunFile,
  loadRunFile,
  parseRunFile,
  type Provenance,
  type RunFileSource,
} from './run-file/load.ts';
export { sourceOf } from './run-file/resolve.ts';
export { dataset, type RunFile, type Settings } from './run-file/schema.ts';
export type * from './run-plan.ts';
export { type RunFolder, readManifest, readRunFolder } from './folder/reader.ts';
export {
  type BallotRecord,
  type Checkpoint,
  type InputRecord,
  recordedLoss,
  type RoundRecord,
  type StatementRecord,
  type Summary,
  type TransactionRecord,
} from './folder/records.ts';
export { nextRunFolder, type OpenOptions, openRunFolder, type RunFolderWriter } from './folder/writer.ts';
export { type CompiledPolicy, compilePolicy } from './policy/compile.ts';
export { policyOf } from './policy/policy-of.ts';
export { checkPlan, partitionOf, type PlanCheck, type PlanRemark } from './plan/check.ts';
export { dataPaths, located, modelPath, placed, placedSource, type Placed } from './plan/placed.ts';
export { replaceFile } from './folder/replace-file.ts';
export { type ExplainedActors, type ExplainedValue, explainPlan, type Explanation } from './explain.ts';
export { refuseProblems, remarkLine } from './plan/remarks.ts';
export {
  type Arithmetic,
  arithmeticOf,
  type Attack,
  attacks,
  type Axis,
  batteryText,
  type Cell,
  cellTitle,
  type Expectation,
  honestLabel,
  isAbout,
  loadSweepFile,
  parseSweepFile,
  type Sweep,
  type Throughput,
  type Trial,
  trialName,
  trialTitle,
  workSeconds,
} from './sweep/index.ts';
export { csvText } from './results/csv.ts';
export {
  checkTrialFolder,
  isTrialFile,
  judgementsOf,
  type Judgement,
  makeSweepFolder,
  readSweepRecord,
  readResults,
  readSweepResults,
  recordOf,
  type Session,
  summaryOf,
  sweepFiles,
  type SweepRecord,
  type SweepResults,
  type SweepSummary,
  type TrialFigures,
  trialFolder,
  type TrialResult,
  type TrialTimes,
  writeSweepTables,
  writeTrialFiles,
} from './results/index.ts';
export type { KnownGood } from './plan/check.ts';
export type { Comparison, Difference, Figure, Report, Table } from './report/index.ts';

/** Drawing takes libraries that are loaded when a report is made, and not with every command. */
export const loadReports = () => import('./report/index.ts');
