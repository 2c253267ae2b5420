import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Returned, SweepBoard, SweepOffer, TrialOrder, WorkerCard } from '#libs/bullmq';
import { checkTrialFolder, configurationDigest, isTrialFile, planJson, policyOf } from '#libs/experiment';
import { isFault } from '#libs/fault';
import type { SweepReport } from '../report.ts';
import type { TrialTask } from '../trial-messages.ts';
import type { Outcome, TrialListener, TrialRunner } from '../trial-processes.ts';
import { differenceOf } from './build.ts';

interface Given {
  readonly task: TrialTask;
  readonly told: TrialListener;
  readonly resolve: (outcome: Outcome) => void;
  isSent: boolean;
  /** Who runs it, and the last round of it that was told. */
  worker: string | null;
  round: number | null;
}

interface GivingOut {
  readonly board: SweepBoard;
  readonly offer: SweepOffer;
  readonly report: Pick<SweepReport, 'crew' | 'warn'>;
  readonly shown: string;
  /** Nothing more is taken in. */
  readonly signal: AbortSignal;
  readonly onTrouble: (error: Error) => void;
}

/** How often the coordinator looks, and after how many looks without any worker it says so. */
const [lookMs, patientLooks] = [500, 10];
/** Jobs that are put into Redis at once. */
const sentAtOnce = 100;

/**
 * Trials that are given out to workers. What happens is found by looking, again and again: nothing is missed by a coordinator
 * that was away, or by one whose Redis was.
 */
export class GivenOut {
  readonly #giving: GivingOut;
  readonly #given = new Map<string, Given>();
  readonly #ending = new AbortController();
  readonly #said = new Set<string>();
  #looking: Promise<void> = Promise.resolve();
  #crew = '[]';
  #looksAlone = 0;

  constructor(giving: GivingOut) {
    this.#giving = giving;
    giving.signal.addEventListener('abort', () => {
      this.#ending.abort();
    });
  }

  readonly runner: TrialRunner = {
    run: (task, told) =>
      new Promise((resolve) => {
        const given = { task, told, resolve, isSent: false, worker: null, round: null };
        this.#given.set(configurationDigest(task.plan).slice(2), given);
      }),
    // What a worker has begun it ends; what nobody has begun is taken back with all the others.
    end: () => undefined,
  };

  async begin(): Promise<void> {
    await this.#giving.board.offer(this.#giving.offer);
    this.#looking = this.#lookOn();
  }

  /** Takes back what nobody has begun; if it is over, everything. */
  async end(isOver: boolean): Promise<void> {
    this.#ending.abort();
    await this.#looking;
    const { board } = this.#giving;
    await (isOver ? board.end() : board.withdraw());
    await board.close();
  }

  async #lookOn(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      // Redis may be away, or may have been full: the next time it may not be.
      await this.#look().catch((error: unknown) => {
        if (!signal.aborted) this.#giving.onTrouble(error as Error);
      });
      await pause(lookMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const { board, offer } = this.#giving;
    await this.#send();
    const sent = [...this.#given].filter(([, { isSent }]) => isSent);
    const { active, returned, isWhole, count } = await board.look();
    if (count < sent.length) {
      // Redis was started again without all that it had.
      await board.offer(offer);
      for (const [, given] of sent) given.isSent = false;
      return;
    }
    for (const [trial, given] of sent) {
      const progress = active.get(trial);
      if (progress !== undefined) tell(given, progress);
      else if (isWhole && given.worker !== null && !returned.some((one) => one.trial === trial)) lose(given);
    }
    for (const one of returned) {
      if (this.#ending.signal.aborted) return;
      const given = this.#given.get(one.trial);
      // Handed in late, by a worker that was taken for lost; or taken and moved into place since the last look.
      if (given === undefined) await board.remove(one);
      else await this.#take(one, given);
    }
    this.#meet(await board.workers());
  }

  async #send(): Promise<void> {
    const waiting = [...this.#given].filter(([, { isSent }]) => !isSent);
    for (let at = 0; at < waiting.length; at += sentAtOnce) {
      if (this.#ending.signal.aborted) return;
      const some = waiting.slice(at, at + sentAtOnce);
      const orders = some.map(async ([trial, { task }]) => [trial, await orderOf(task)] as const);
      await this.#giving.board.add(new Map(await Promise.all(orders)));
      for (const [, given] of some) given.isSent = true;
    }
  }

  async #take(returned: Returned, given: Given): Promise<void> {
    const { board } = this.#giving;
    const { outcome, trial } = returned;
    if (outcome?.kind === 'ended') {
      const { place } = given.task;
      try {
        await board.take(outcome, place, isTrialFile);
        await checkTrialFolder(place, `0x${trial}`);
        const { seconds, accuracy, memoryBytes } = outcome;
        tell(given, { worker: outcome.worker, round: null, accuracy: null });
        // It stays in Redis until it is in its place here, and is removed with the next look.
        this.#settle(trial, { kind: 'ended', seconds, accuracy, memoryBytes });
        return;
      } catch (error) {
        rmSync(place, { recursive: true, force: true });
        if (!isFault(error)) throw error;
        await board.remove(returned);
        this.#settle(trial, { kind: 'failed', code: 'DIED', message: `${outcome.worker}: ${error.message}` });
        return;
      }
    }
    await board.remove(returned);
    if (outcome === undefined)
      this.#settle(trial, {
        kind: 'failed',
        code: 'DIED',
        message: 'what came back is no outcome of a trial',
      });
    else
      this.#settle(trial, {
        ...{ kind: 'failed', code: outcome.code },
        message: `${outcome.worker}: ${outcome.message}`,
      });
  }

  #settle(trial: string, outcome: Outcome): void {
    const given = this.#given.get(trial);
    this.#given.delete(trial);
    given?.resolve(outcome);
  }

  /** Says who works, who does not and why, and what to do if nobody does. */
  #meet(workers: readonly WorkerCard[]): void {
    const { board, offer, report, shown } = this.#giving;
    const refusals = board.refusals(workers);
    const others = workers.filter(({ build }) => differenceOf(offer.build, build) !== null);
    const members = workers
      .filter((worker) => !others.includes(worker) && !refusals.some(({ name }) => name === worker.name))
      .map(({ name, parallel }) => ({ name, parallel }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const crew = JSON.stringify(members);
    if (crew !== this.#crew) report.crew(members);
    this.#crew = crew;
    for (const { name, why } of refusals) {
      const text = `${name} does not work for this sweep: ${why}`;
      if (!this.#said.has(text)) report.warn([text]);
      this.#said.add(text);
    }
    this.#looksAlone = members.length > 0 || this.#given.size === 0 ? 0 : this.#looksAlone + 1;
    if (this.#looksAlone === patientLooks)
      report.warn([`no worker at ${shown}; on each machine that shall work: flobc worker ${shown}`]);
  }
}

/** A label may be a whole text. */
const titleLine = (title: string): string => title.replace(/\p{Cc}/gu, ' ').slice(0, 400);

async function orderOf({ title, plan, files, commit }: TrialTask): Promise<TrialOrder> {
  const policy = plan.policy.kind === 'file' ? await policyOf(plan, files) : null;
  const compiled = policy !== null && 'creationCode' in policy ? policy : null;
  return { title: titleLine(title), plan: planJson(plan), policy: compiled, commit };
}

function tell(
  given: Given,
  { worker, round, accuracy }: { worker: string; round: number | null; accuracy: number | null },
) {
  if (given.worker !== worker) {
    if (given.worker !== null) lose(given);
    given.worker = worker;
    given.told.started(worker);
  }
  if (round === null || round === given.round) return;
  given.round = round;
  given.told.round(round, accuracy);
}

function lose(given: Given): void {
  given.told.lost(`${given.worker ?? 'its worker'} has gone or given it back`);
  given.worker = null;
  given.round = null;
}
