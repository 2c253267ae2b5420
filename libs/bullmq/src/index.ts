export { BullRoundJobs, type BullRoundJobsOptions, queueNameOf } from './bull-round-jobs.ts';
