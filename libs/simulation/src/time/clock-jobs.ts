import { type Clock, jobId, type RoundJob, type RoundJobs } from '#libs/ports';

/** Timers in the memory of one process, by its clock: a queue for one Scheduler that is never lost. */
export function clockJobs(clock: Clock, fail: (error: unknown) => void): RoundJobs {
  const waiting = new Set<string>();
  let handler: Parameters<RoundJobs['handle']>[0] | null = null;

  const waitFor = (job: RoundJob, key: string, atMs: number): void => {
    clock.at(Math.max(atMs, clock.nowMs()), () => {
      if (handler === null) {
        waiting.delete(key);
        return;
      }
      handler(job)
        .then((outcome) => {
          if (outcome.kind === 'again') waitFor(job, key, clock.nowMs() + outcome.afterMs);
          else waiting.delete(key);
        })
        .catch(fail);
    });
  };

  return {
    add(job) {
      const key = jobId(job);
      if (!waiting.has(key)) {
        waiting.add(key);
        waitFor(job, key, job.dueMs);
      }
      return Promise.resolve();
    },
    handle(call) {
      handler = call;
      return () => {
        handler = null;
      };
    },
  };
}
