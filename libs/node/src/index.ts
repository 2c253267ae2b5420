export { type Ballot, BallotBook } from './ballot-book.ts';
export { LedgerFacts } from './facts.ts';
export { type Agent, Follower, type FollowerCounts } from './follower.ts';
export { type Books, open as openMail, type Opened, type Said } from './mail.ts';
export { type MergedUpdate, mergeUpdates } from './merging.ts';
export { Models, releasedBytes } from './models.ts';
export { ObserverNode } from './observer-node.ts';
export { Recall } from './recall.ts';
export { entryOf, ReceiptBook } from './receipt-book.ts';
export type { Run, Surroundings } from './run.ts';
export { SchedulerNode } from './scheduler-node.ts';
export { sealedSize, sha256, unseal } from './sealing.ts';
export { SignatureBook } from './signature-book.ts';
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
