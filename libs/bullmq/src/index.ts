export { BullRoundJobs, type BullRoundJobsOptions } from './bull-round-jobs.ts';
