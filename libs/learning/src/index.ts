export * from './aggregation/index.ts';
export * from './codec/index.ts';
export type { BackendName } from './engine/engine.ts';
export type { BackendChoice } from './engine/open.ts';
export { type Hyper, type HyperInput, hyperSchema, parseHyper } from './hyper.ts';
export {
  type Learner,
  type LearnerOptions,
  openLearner,
  type Trained,
  type TrainingRequest,
} from './learner.ts';
export { lossNames } from './losses/index.ts';
export { builtInModels, type BuiltInName, builtInNames } from './model/built-in.ts';
export { loadModel, type ModelOptions } from './model/load.ts';
export type { ModelDescription } from './model/model.ts';
export { addDelta, type Layout, type Parameters, type TensorSlot } from './parameters.ts';
export {
  type Scored,
  type ScoredUpdate,
  type ScoringRequest,
  type ScoringRule,
  scoringRules,
} from './scoring/score.ts';
export type { ClassCount, Evaluation } from './training/evaluate.ts';
export type { TrainingProgress, TrainingState } from './training/train.ts';
