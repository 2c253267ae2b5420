export { BullRoundJobs, type BullRoundJobsOptions, queueNameOf } from './bull-round-jobs.ts';
export type { Build, Needs, SweepOffer, TrialOrder, WorkerCard } from './trials/records.ts';
export { type Returned, SweepBoard } from './trials/sweep-board.ts';
export { SweepWorker, type SweepWorkerOptions } from './trials/sweep-worker.ts';
export type { TakenTrial, TrialEnd } from './trials/taken-trial.ts';
