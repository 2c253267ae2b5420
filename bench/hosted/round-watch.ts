import { realClock } from '#libs/hosted';
import type { LocalNetwork } from '#libs/local';
import { Follower, ObserverNode } from '#libs/node';
import type { RunPlan } from '#libs/experiment';
import type { ActorId, Event } from '#libs/protocol';
import { recallFor } from '#libs/simulation';
import { encodeMessage, openPost } from '#libs/wire';

/** What a round's time is spent on, in the order in which it comes. */
export const parts = [
  'training',
  'lineup',
  'scoring and commit',
  'reveal',
  'merge and certificate',
  'settlement on chain',
  'opening the next',
] as const;
export type Part = (typeof parts)[number];

export interface TimedRound {
  readonly round: number;
  readonly isVoid: boolean;
  /** Seconds from one opening to the next. */
  readonly whole: number;
  /** Seconds of each part. */
  readonly spent: Readonly<Record<Part, number>>;
  /** Number of updates in its lineup. */
  readonly updates: number;
}

/** How often it is looked whether it has taken too long. */
const lookEveryMs = 1_000;

/** The part that begins with an event; null: none. */
function beginning(event: Event): Part | null {
  if (event.kind === 'phaseOpened') return ofPhase[event.phase];
  return event.kind in ofEvent ? ofEvent[event.kind as keyof typeof ofEvent] : null;
}

const ofPhase = {
  lineup: 'lineup',
  commit: null,
  reveal: 'reveal',
  settlement: 'merge and certificate',
} as const;
const ofEvent = {
  roundOpened: 'training',
  lineupPlaced: 'scoring and commit',
  modelCertified: 'settlement on chain',
  roundSettled: 'opening the next',
  roundVoided: 'opening the next',
} as const;

/** Looks on and takes the time of every round, as one who hears the bus and reads the chain. */
export class RoundWatch {
  readonly rounds: TimedRound[] = [];
  readonly #follower: Follower;
  readonly #waiting = new Set<() => void>();
  /** The newest receipts of everybody, as they were said. */
  readonly receipts = new Map<ActorId, Uint8Array>();
  #draft: {
    round: number;
    isVoid: boolean;
    since: number;
    updates: number;
    spent: Record<Part, number>;
  } | null = null;
  #isOver = false;
  #part: Part = 'training';
  #partSince = 0;

  constructor(plan: RunPlan, { connections, bus }: LocalNetwork) {
    const { run, blobs, ledger } = connections;
    const fail = (error: unknown): void => {
      // What was under way when the network was ended is not missed.
      if (!this.#isOver) throw error;
    };
    this.#follower = new Follower(run, {
      clock: realClock,
      bus,
      blobs,
      ledger,
      post: openPost(run.domain),
      fail,
    });
    const look = (events: readonly Event[]): void => {
      for (const event of events) this.#see(event);
    };
    new ObserverNode(this.#follower, plan.learning.scoring === 'accuracy', recallFor(plan), look).start();
  }

  start(): Promise<void> {
    return this.#follower.catchUp();
  }

  stop(): void {
    this.#isOver = true;
    this.#follower.stop();
  }

  /** Messages that were refused when they were checked, and what the protocol refused, by code. */
  get refused(): Readonly<Record<string, number>> {
    const { refusals, state } = this.#follower;
    return { ...Object.fromEntries(refusals), ...state.rejections };
  }

  /** Resolves to the next so many rounds that are over, or to as many as there are after so long. */
  async next(count: number, withinMs = Infinity): Promise<readonly TimedRound[]> {
    const from = this.rounds.length;
    const deadline = performance.now() + withinMs;
    while (this.rounds.length < from + count && performance.now() < deadline)
      await this.#another(lookEveryMs);
    return this.rounds.slice(from, from + count);
  }

  #another(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      this.#waiting.add(done);
    });
  }

  #see(event: Event): void {
    if (event.kind === 'receiptAccepted') {
      const message = this.#follower.receipts.messageOf(event.receipt.digest);
      if (message !== undefined) this.receipts.set(event.receipt.trainer, encodeMessage(message));
    }
    if (event.kind === 'lineupPlaced' && this.#draft !== null) this.#draft.updates = event.entries.length;
    const begins = beginning(event);
    if (begins === null) return;
    const now = performance.now();
    if (event.kind === 'roundOpened') this.#turn(event.round, now);
    else this.#spend(now);
    if (event.kind === 'roundVoided' && this.#draft !== null) this.#draft.isVoid = true;
    this.#part = begins;
    this.#partSince = now;
  }

  #spend(now: number): void {
    if (this.#draft !== null) this.#draft.spent[this.#part] += (now - this.#partSince) / 1000;
  }

  #turn(round: number, now: number): void {
    this.#spend(now);
    if (this.#draft !== null) {
      const { since, ...rest } = this.#draft;
      this.rounds.push({ ...rest, whole: (now - since) / 1000 });
      for (const resolve of [...this.#waiting]) resolve();
    }
    const spent = Object.fromEntries(parts.map((part) => [part, 0])) as Record<Part, number>;
    this.#draft = { round, isVoid: false, since: now, updates: 0, spent };
  }
}
