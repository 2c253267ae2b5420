import { setTimeout as pause } from 'node:timers/promises';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { isFault } from '#libs/fault';
import { dropParcel, keepParcel, mostParcelBytes, sendParcel, waitingBytes } from './parcel.ts';
import {
  mostMessageChars,
  names,
  type PackedOrder,
  type SweepOffer,
  type TrialOrder,
  type TrialOutcome,
  type TrialProgress,
} from './records.ts';

/** A worker that has said nothing for so long has lost its trial; another one begins it anew. */
export const lockMs = 15_000;
/** A trial that was lost so often takes its workers down. */
const mostLosses = 3;
/** Results that wait in Redis for a coordinator that is not there. */
const mostWaitingBytes = 4 * mostParcelBytes;

export type TrialEnd =
  | (Omit<Extract<TrialOutcome, { kind: 'ended' }>, 'worker' | 'parcel'> & { readonly folder: string })
  | Omit<Extract<TrialOutcome, { kind: 'failed' }>, 'worker'>;

interface Taken {
  readonly connection: Redis;
  readonly sweep: string;
  readonly offer: SweepOffer;
  readonly job: Job<PackedOrder>;
  readonly token: string;
  readonly order: TrialOrder | undefined;
  readonly worker: string;
}

/** A trial that a worker has taken. It holds it by a lock that it renews. */
export class TakenTrial {
  readonly #taken: Taken;
  readonly #lost = new AbortController();
  readonly #renewing: NodeJS.Timeout;

  constructor(taken: Taken) {
    this.#taken = taken;
    this.#renewing = setInterval(() => void this.#renew(), lockMs / 3);
  }

  get offer(): SweepOffer {
    return this.#taken.offer;
  }

  /** The digest of its plan, without 0x. */
  get trial(): string {
    return this.#taken.job.id ?? '';
  }

  /** Undefined: what lies in Redis is no trial. */
  get order(): TrialOrder | undefined {
    return this.#taken.order;
  }

  /** Its workers were lost so often that it is not tried again. */
  get isHopeless(): boolean {
    return this.#taken.job.stalledCounter >= mostLosses;
  }

  /** Aborted when it is not this worker's any more. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Nobody waits for it. */
  say(progress: Omit<TrialProgress, 'worker'>): void {
    const { job, worker } = this.#taken;
    // A job that was taken away has no progress.
    job.updateProgress({ ...progress, worker }).catch(() => undefined);
  }

  /** Hands it in, once, and returns what was handed in. Undefined: it is somebody else's, or nobody's, by now. */
  async finish(end: TrialEnd): Promise<TrialOutcome | undefined> {
    const { worker } = this.#taken;
    try {
      if (end.kind === 'ended') return await this.#handIn(end);
      return await this.#complete({ ...end, message: end.message.slice(0, mostMessageChars), worker });
    } catch (error) {
      // Too large; or Redis has refused it, being full.
      const code = isFault(error) ? error.code : 'RESULTS_INVALID';
      const message = isFault(error) ? `${error.message} ${error.hint}` : reasonOf(error as Error);
      return await this.#complete({ kind: 'failed', worker, code, message });
    } finally {
      clearInterval(this.#renewing);
    }
  }

  async #handIn({
    folder,
    ...rest
  }: Extract<TrialEnd, { kind: 'ended' }>): Promise<TrialOutcome | undefined> {
    const { connection, sweep, worker } = this.#taken;
    if (!(await this.#hasRoom())) return undefined;
    const parcel = await sendParcel(connection, sweep, folder);
    const outcome = await this.#complete({ ...rest, worker, parcel });
    await (outcome === undefined ? dropParcel : keepParcel)(connection, sweep, parcel);
    return outcome;
  }

  /** Lets another one begin it anew. */
  async giveBack(): Promise<void> {
    clearInterval(this.#renewing);
    await this.#taken.job.moveToWait(this.#taken.token).catch(() => undefined);
  }

  async #complete(outcome: TrialOutcome): Promise<TrialOutcome | undefined> {
    try {
      await this.#taken.job.moveToCompleted(outcome, this.#taken.token, false);
      return outcome;
    } catch {
      // The lock is another's: the trial took too long to say something, and is run by somebody else.
      return undefined;
    }
  }

  /** Waits for it. A coordinator that is away for long must not fill Redis; one that is away for too long has lost its results. */
  async #hasRoom(): Promise<boolean> {
    const { connection, sweep } = this.#taken;
    for (;;) {
      if (this.#lost.signal.aborted || (await connection.exists(names.offer(sweep))) === 0) return false;
      if ((await waitingBytes(connection, sweep)) < mostWaitingBytes) return true;
      await pause(1_000);
    }
  }

  async #renew(): Promise<void> {
    const { job, token } = this.#taken;
    // What Redis does not take is said again: it may be full. Whether it was too late then, the end will show.
    const isOurs = await job.extendLock(token, lockMs).catch(() => 1);
    if (isOurs === 1) return;
    clearInterval(this.#renewing);
    this.#lost.abort();
  }
}

/** Of a transaction, why it was discarded. */
const reasonOf = (error: Error & { readonly previousErrors?: readonly Error[] }): string =>
  `Redis: ${error.previousErrors?.[0]?.message ?? error.message}`;
