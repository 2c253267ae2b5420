import type { Cancel } from './clock.ts';

/** Something to be done for a round at an instant, by whoever keeps the time. */
export interface RoundJob {
  /** Open the round that can open, or lead out of a phase that is overdue. */
  readonly what: 'open' | 'close';
  readonly round: number;
  /** The phase that is to be closed; of a round that is to be opened: `gathering`. */
  readonly phase: string;
  readonly dueMs: number;
}

/** Names a job: whoever asks for the opening of a round asks for the same, at whatever instant. */
export const jobId = ({ what, round, phase, dueMs }: RoundJob): string =>
  what === 'open' ? `open-${round}` : `close-${round}-${phase}-${dueMs}`;

/** What came of a job: done with, whoever did it, or to be looked at again after some time. */
export type JobOutcome = { readonly kind: 'done' } | { readonly kind: 'again'; readonly afterMs: number };

/**
 * Timers of a run that outlive whoever set them. Each job is done by one of those who handle, at its instant or as soon
 * after it as can be; nothing depends on how late that is, because a job carries its instant.
 */
export interface RoundJobs {
  /** Puts a job down; one that waits already is not put down twice. @throws Fault QUEUE_UNREACHABLE */
  add(job: RoundJob): Promise<void>;
  handle(handler: (job: RoundJob) => Promise<JobOutcome>): Cancel;
}
