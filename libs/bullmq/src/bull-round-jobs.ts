import { DelayedError, type Job, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { type Cancel, jobId, type JobOutcome, type RoundJob, type RoundJobs } from '#libs/ports';
import { connected, type RedisOptions, settingsOf } from './connection.ts';

export interface BullRoundJobsOptions extends RedisOptions {
  /** Names the queue (`queueNameOf`): all Schedulers of a run share one, and no other run has it. */
  readonly run: string;
  /** Told how late a job was, in ms. */
  readonly onLag?: (job: RoundJob, lagMs: number) => void;
}

/** A Redis that does not answer holds a job up for so long, and then another Scheduler takes it. */
const lockMs = 10_000;

/**
 * Timers of a run as delayed jobs of BullMQ. A job's id is its content, so that whoever puts it down a second time changes
 * nothing; done jobs are forgotten at once, so that one that turns out to be due still can be put down again.
 */
export class BullRoundJobs implements RoundJobs {
  readonly #options: BullRoundJobsOptions;
  readonly #connection: Redis;
  readonly #queue: Queue<RoundJob>;
  readonly #workers = new Set<Worker<RoundJob>>();

  /** @throws Fault QUEUE_UNREACHABLE */
  static async open(options: BullRoundJobsOptions): Promise<BullRoundJobs> {
    return new BullRoundJobs(options, await connected(options));
  }

  private constructor(options: BullRoundJobsOptions, connection: Redis) {
    this.#options = options;
    this.#connection = connection;
    this.#queue = new Queue(queueOf(options.run), { connection });
    this.#queue.on('error', (error) => options.onTrouble?.(error));
  }

  get isConnected(): boolean {
    return this.#connection.status === 'ready';
  }

  async add(job: RoundJob): Promise<void> {
    await this.#queue.add(job.what, job, {
      jobId: jobId(job),
      delay: Math.max(0, job.dueMs - Date.now()),
      removeOnComplete: true,
      removeOnFail: true,
    });
  }

  handle(handler: (job: RoundJob) => Promise<JobOutcome>): Cancel {
    const worker = new Worker<RoundJob>(
      queueOf(this.#options.run),
      (job, token) => this.#do(job, token, handler),
      {
        // Of its own: it blocks.
        connection: settingsOf(this.#options.url),
        lockDuration: lockMs,
        stalledInterval: lockMs,
        // A Scheduler that was killed may have left it half done, and half done is nothing: all of it can be done again.
        maxStalledCount: 1_000,
        concurrency: 4,
      },
    );
    worker.on('error', (error) => this.#options.onTrouble?.(error));
    worker.on('failed', (_, error) => this.#options.onTrouble?.(error));
    this.#workers.add(worker);
    return () => {
      this.#workers.delete(worker);
      // Not awaited: a job may end its own worker.
      void worker.close().catch(() => undefined);
    };
  }

  /** Takes away everything that Redis has of the queue. */
  async forget(): Promise<void> {
    await this.#queue.obliterate({ force: true });
  }

  async close(): Promise<void> {
    const isThere = this.isConnected;
    // Without Redis there is nobody to take leave of.
    await Promise.all([...this.#workers].map((worker) => worker.close(!isThere)));
    await this.#queue.close();
    this.#connection.disconnect();
  }

  async #do(
    job: Job<RoundJob>,
    token: string | undefined,
    handler: (job: RoundJob) => Promise<JobOutcome>,
  ): Promise<void> {
    this.#options.onLag?.(job.data, Math.max(0, Date.now() - job.data.dueMs));
    const outcome = await handler(job.data);
    if (outcome.kind === 'done') return;
    await job.moveToDelayed(Date.now() + outcome.afterMs, token);
    throw new DelayedError();
  }
}

/** A run by its place on its chain: of one configuration there may be several, in one Redis, too. */
export const queueNameOf = (run: { readonly ledger: string; readonly number: bigint | number }): string =>
  `${run.ledger}-${run.number}`;

/** BullMQ builds its keys with colons. */
const queueOf = (run: string): string => `flobc-${run.replaceAll(':', '-')}`;
