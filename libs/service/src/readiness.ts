import type { Check } from '#libs/observe';

/** How far a process is, and what else has to be well for its node to take part. */
export class Readiness {
  stage: 'starting' | 'reading the chain' | 'catching up' | 'taking part' | 'ending' = 'starting';
  /** Of the node alone: a Scheduler's queue. */
  readonly checks: Check[] = [];

  /** True once the events of the run have been read, those from before this process was started. */
  get knowsTheRun(): boolean {
    return this.stage !== 'starting' && this.stage !== 'reading the chain';
  }
}
