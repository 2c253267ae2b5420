export { type Agent, Follower, type FollowerCounts } from './follower.ts';
export { Models, releasedBytes } from './models.ts';
export { ObserverNode } from './observer-node.ts';
export { Recall } from './recall.ts';
export type { Run, Surroundings } from './run.ts';
export { SchedulerNode } from './scheduler-node.ts';
export { sha256 } from './sealing.ts';
export {
  samplesOf,
  type TrainerConduct,
  TrainerNode,
  type TrainerOptions,
  type TrainingContext,
} from './trainer-node.ts';
export { UpdateOpener } from './update-opener.ts';
export { ValidatorNode } from './validator-node.ts';
export type { BallotContext, ValidatorConduct, ValidatorOptions } from './validator/options.ts';
