import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Job, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { connected, type RedisOptions, settingsOf } from '../connection.ts';
import {
  isSweepId,
  keptMs,
  names,
  type PackedOrder,
  readJson,
  type SweepOffer,
  sweepOffer,
  unpackOrder,
  type WorkerCard,
} from './records.ts';
import { lockMs, TakenTrial } from './taken-trial.ts';

export interface SweepWorkerOptions extends RedisOptions {
  readonly card: Omit<WorkerCard, 'refuses'>;
  /** Why it cannot work for a sweep; null: it can. */
  readonly judge: (offer: SweepOffer) => Promise<string | null>;
  /** Told of each sweep once, when it is found. */
  readonly onSweep: (offer: SweepOffer, refusal: string | null) => void;
}

/** How often it says that it is there and looks for sweeps, and after what time it is missed. */
const [beatMs, missedMs] = [1_000, 10_000];
/** A coordinator that has not looked for longer is not there. */
const attendedMs = 30_000;

interface Sweep {
  /** As it lies in Redis: another one is another sitting of the sweep. */
  readonly text: string;
  readonly offer: SweepOffer;
  readonly refusal: string | null;
  /** Its coordinator was there a moment ago. */
  readonly isAttended: boolean;
  /** null: it does not work for it. */
  readonly jobs: Worker<PackedOrder> | null;
}

/** A worker's side of all sweeps of a Redis: says that it is there, and takes one trial after another. */
export class SweepWorker {
  readonly #options: SweepWorkerOptions;
  readonly #id = randomBytes(16).toString('hex');
  readonly #connection: Redis;
  readonly #sweeps = new Map<string, Sweep>();
  readonly #closing = new AbortController();
  #beating: Promise<void> = Promise.resolve();
  #next = 0;

  /** @throws Fault QUEUE_UNREACHABLE */
  static async open(options: SweepWorkerOptions): Promise<SweepWorker> {
    const worker = new SweepWorker(options, await connected(options));
    try {
      await worker.#beat();
    } catch (error) {
      await worker.close();
      throw error;
    }
    worker.#beating = worker.#beatOn();
    return worker;
  }

  private constructor(options: SweepWorkerOptions, connection: Redis) {
    this.#options = options;
    this.#connection = connection;
  }

  /** The sweeps that somebody hands out now. */
  get attended(): readonly SweepOffer[] {
    return [...this.#sweeps.values()].filter(({ isAttended }) => isAttended).map(({ offer }) => offer);
  }

  /** A trial that nobody has begun; of several sweeps in turn. Undefined: there is none. */
  async next(): Promise<TakenTrial | undefined> {
    const all = [...this.#sweeps];
    const first = this.#next++ % Math.max(1, all.length);
    for (const [sweep, { offer, jobs }] of [...all.slice(first), ...all.slice(0, first)]) {
      const token = randomBytes(16).toString('hex');
      const job: Job<PackedOrder> | undefined = await jobs?.getNextJob(token, { block: false });
      if (job === undefined) continue;
      const order = await unpackOrder(job.data);
      const { name } = this.#options.card;
      return new TakenTrial({ connection: this.#connection, sweep, offer, job, token, order, worker: name });
    }
    return undefined;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const isThere = this.#connection.status === 'ready';
    // Without Redis there is nobody to take leave of, and nothing to wait for.
    if (!isThere) this.#connection.disconnect();
    await this.#beating;
    for (const { jobs } of this.#sweeps.values()) await jobs?.close(!isThere);
    // It is missed without these too, a little later.
    const leave = this.#connection.multi().srem(names.workers, this.#id).del(names.worker(this.#id));
    if (isThere) await leave.exec().catch(() => undefined);
    this.#connection.disconnect();
  }

  async #beatOn(): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      await pause(beatMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      // Redis may be away, or may have been full: the next time it may not be.
      await this.#beat().catch((error: unknown) => {
        if (!signal.aborted) this.#options.onTrouble?.(error as Error);
      });
    }
  }

  async #beat(): Promise<void> {
    await this.#findSweeps();
    const refuses = [...this.#sweeps].flatMap(([sweep, { refusal: why }]) =>
      why === null ? [] : [{ sweep, why: why.slice(0, 1000) }],
    );
    const card: WorkerCard = { ...this.#options.card, refuses: refuses.slice(0, 20) };
    await this.#connection
      .multi()
      .set(names.worker(this.#id), JSON.stringify(card), 'PX', missedMs)
      .sadd(names.workers, this.#id)
      .exec();
  }

  async #findSweeps(): Promise<void> {
    const ids = (await this.#connection.smembers(names.sweeps)).filter(isSweepId);
    for (const [id, { jobs }] of this.#sweeps)
      if (!ids.includes(id)) {
        this.#sweeps.delete(id);
        await jobs?.close();
      }
    for (const id of ids) {
      const text = await this.#connection.get(names.offer(id));
      if (text === null) await this.#forget(id);
      else if (this.#sweeps.get(id)?.text !== text) await this.#meet(id, text);
    }
  }

  async #meet(id: string, text: string): Promise<void> {
    const offer = readJson(sweepOffer, text);
    // Of another version, or nothing of ours.
    if (offer === undefined) return;
    const refusal = await this.#options.judge(offer);
    const before = this.#sweeps.get(id);
    if (refusal !== null) await before?.jobs?.close();
    const jobs = refusal === null ? (before?.jobs ?? this.#jobsOf(id)) : null;
    // Whoever hands it out says with each look that it is to be kept for so long.
    const isAttended = (await this.#connection.pttl(names.offer(id))) > keptMs - attendedMs;
    this.#sweeps.set(id, { text, offer, refusal, isAttended, jobs });
    this.#options.onSweep(offer, refusal);
  }

  #jobsOf(id: string): Worker<PackedOrder> {
    const jobs = new Worker<PackedOrder>(names.queue(id), null, {
      connection: settingsOf(this.#options.url),
      lockDuration: lockMs,
      stalledInterval: lockMs / 3,
      // How often is enough is for the taken trial to say.
      maxStalledCount: 1_000,
    });
    jobs.on('error', (error) => this.#options.onTrouble?.(error));
    void jobs.startStalledCheckTimer();
    return jobs;
  }

  /** Its coordinator has not been there for a day. */
  async #forget(id: string): Promise<void> {
    await this.#sweeps.get(id)?.jobs?.close();
    this.#sweeps.delete(id);
    if ((await this.#connection.srem(names.sweeps, id)) === 0) return;
    const queue = new Queue(names.queue(id), { connection: this.#connection, skipMetasUpdate: true });
    await queue.obliterate({ force: true });
    await queue.close();
    await this.#connection.del(names.sizes(id));
  }
}
