import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { connected, type RedisOptions } from '../connection.ts';
import { dropParcel, receiveParcel } from './parcel.ts';
import {
  keptMs,
  names,
  type PackedOrder,
  packOrder,
  readJson,
  type SweepOffer,
  type TrialOrder,
  type TrialOutcome,
  trialOutcome,
  type TrialProgress,
  trialProgress,
  type WorkerCard,
  workerCard,
} from './records.ts';

/** A trial that a worker says it has come to an end with. */
export interface Returned {
  readonly trial: string;
  /** Undefined: what lies there is no outcome. */
  readonly outcome: TrialOutcome | undefined;
}

/** What a coordinator sees of its sweep. */
export interface Seen {
  readonly active: ReadonlyMap<string, TrialProgress | undefined>;
  readonly returned: readonly Returned[];
  /** False: more has been returned. */
  readonly isWhole: boolean;
  /** Trials that are there, in whatever state; -1: Redis has lost the sweep. */
  readonly count: number;
}

/** Results that are looked at at once. */
const mostReturned = 16;

/**
 * The coordinator's side of a sweep in Redis: trials are jobs of BullMQ, named by the digests of their plans, so that one that
 * is put there twice is one. There is nothing to be told of that looking does not show: a coordinator that was killed looks again.
 */
export class SweepBoard {
  readonly #sweep: string;
  readonly #connection: Redis;
  readonly #queue: Queue<PackedOrder>;

  /** @throws Fault QUEUE_UNREACHABLE */
  static async open(options: RedisOptions & { readonly sweep: string }): Promise<SweepBoard> {
    return new SweepBoard(options, await connected(options));
  }

  private constructor({ sweep, onTrouble }: RedisOptions & { sweep: string }, connection: Redis) {
    this.#sweep = sweep;
    this.#connection = connection;
    // What stays of a sweep is what it puts there itself.
    this.#queue = new Queue(names.queue(sweep), { connection, skipMetasUpdate: true });
    this.#queue.on('error', (error) => onTrouble?.(error));
  }

  /** Those that are there now. */
  async workers(): Promise<WorkerCard[]> {
    const ids = await this.#connection.smembers(names.workers);
    if (ids.length === 0) return [];
    const cards = await this.#connection.mget(ids.map(names.worker));
    return cards.flatMap((card) => readJson(workerCard, card) ?? []);
  }

  /** Which of them do not work for this sweep, and why. */
  refusals(workers: readonly WorkerCard[]): { readonly name: string; readonly why: string }[] {
    return workers.flatMap(({ name, refuses }) =>
      refuses.filter(({ sweep }) => sweep === this.#sweep).map(({ why }) => ({ name, why })),
    );
  }

  /** Says that there is a sweep, without any trial that nobody has begun. */
  async offer(offer: SweepOffer): Promise<void> {
    await this.#connection.set(names.offer(this.#sweep), JSON.stringify(offer), 'PX', keptMs);
    await this.#connection.sadd(names.sweeps, this.#sweep);
    // It stands still if who wanted to take it away was killed in the middle of that.
    await this.#queue.resume();
    await this.#queue.drain(true);
  }

  /** In this order; those that are there already stay as they are. */
  async add(orders: ReadonlyMap<string, TrialOrder>): Promise<void> {
    const packed = await Promise.all([...orders.values()].map(packOrder));
    const jobs = [...orders.keys()].map((jobId, i) => ({ name: 'trial', data: packed[i]!, opts: { jobId } }));
    await this.#queue.addBulk(jobs);
  }

  async look(): Promise<Seen> {
    // What ends in between is active in this look and returned in the next one.
    const active = await this.#queue.getActive();
    const done = await this.#queue.getCompleted(0, mostReturned - 1);
    const counts = await this.#queue.getJobCounts('wait', 'active', 'completed');
    const isThere = (await this.#connection.pexpire(names.offer(this.#sweep), keptMs)) === 1;
    return {
      active: new Map(active.map(({ id = '', progress }) => [id, trialProgress.safeParse(progress).data])),
      returned: done.map(({ id: trial = '', returnvalue }) => ({
        trial,
        outcome: trialOutcome.safeParse(returnvalue).data,
      })),
      isWhole: done.length < mostReturned,
      count: isThere ? Object.values(counts).reduce((sum, count) => sum + count, 0) : -1,
    };
  }

  /** Writes the files of a trial into a folder. @throws Fault RESULTS_INVALID */
  take(
    { parcel }: Extract<TrialOutcome, { kind: 'ended' }>,
    folder: string,
    isKnown: (name: string) => boolean,
  ): Promise<void> {
    return receiveParcel(this.#connection, this.#sweep, parcel, folder, isKnown);
  }

  /** A result that has been taken, or that nobody waits for. */
  async remove({ trial, outcome }: Returned): Promise<void> {
    if (outcome?.kind === 'ended') await dropParcel(this.#connection, this.#sweep, outcome.parcel);
    await (await this.#queue.getJob(trial))?.remove();
  }

  /** Takes back what nobody has begun. Results of what is being run wait for a day. */
  async withdraw(): Promise<void> {
    await this.#queue.drain(true);
  }

  /** Nothing of the sweep stays. */
  async end(): Promise<void> {
    await this.#connection.srem(names.sweeps, this.#sweep);
    const tokens = await this.#connection.hkeys(names.sizes(this.#sweep));
    const parcels = tokens.map((token) => names.parcel(this.#sweep, token));
    await this.#connection.del(names.offer(this.#sweep), names.sizes(this.#sweep), ...parcels);
    await this.#queue.obliterate({ force: true });
  }

  async close(): Promise<void> {
    await this.#queue.close();
    this.#connection.disconnect();
  }
}
