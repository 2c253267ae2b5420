import { setImmediate as turn } from 'node:timers/promises';
import type { Cancel, Clock } from '#libs/ports';
import { Agenda } from './agenda.ts';
import { Rejections } from './rejections.ts';

/** Something that happens at one instant. The loop waits, in real time, for the promise it returns. */
type Happening = () => Promise<void> | undefined;

const nothing = (): void => undefined;

/**
 * The simulator's time: whole milliseconds that pass only from one event to the next, in the order of (instant,
 * sequence). After each event all that it set off by `await` goes on until it waits for another event, so the order of
 * everything is a function of the program and never of how long something took in reality. Three things can be waited
 * for:
 *
 * - `at`: an instant;
 * - `perform`: an act that is done at its instant, while the world stands still (a transaction on a chain);
 * - `work`: an act that is done meanwhile, on another thread, and is seen at its instant (a training).
 *
 * What else takes real time, such as a file that is read, must be made one of the last two, or the simulation runs ahead
 * of it.
 */
export class VirtualTime implements Clock {
  readonly #agenda = new Agenda<Happening>();
  #nowMs: number;
  #events = 0;
  #running = false;
  #stopped = false;

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** Events that have happened. */
  get events(): number {
    return this.#events;
  }

  /** Events that are going to happen. */
  get pending(): number {
    return this.#agenda.size;
  }

  at(instantMs: number, call: () => void): Cancel {
    const item = this.#agenda.add(this.#instant(instantMs), () => {
      call();
      return undefined;
    });
    return () => {
      this.#agenda.cancel(item);
    };
  }

  /**
   * Does the action at `now + afterMs` and waits for it in real time; nothing else happens until it is done. An action
   * that waits for a later event waits for ever.
   */
  perform<T>(afterMs: number, action: () => Promise<T> | T): Promise<T> {
    return new Promise((resolve) => {
      this.#agenda.add(this.#instant(this.#nowMs + afterMs), () => {
        const acted = (async () => action())();
        resolve(acted);
        return acted.then(nothing, nothing);
      });
    });
  }

  /**
   * Begins the job at once, beside all others, and hands over what comes of it at `now + costMs`. The job must touch
   * nothing that others see: when it is done in reality is chance.
   */
  work<T>(costMs: number, job: () => Promise<T>): Promise<T> {
    const running = new Promise<T>((resolve) => {
      resolve(job());
    });
    // That it failed is known at its instant, not before.
    running.catch(nothing);
    return this.perform(costMs, () => running);
  }

  /**
   * Lets time pass until nothing is going to happen any more, `until` says so, or somebody calls `stop`; another call
   * goes on from there. @throws what an event threw, or what was rejected with nobody awaiting it
   */
  async run(until: () => boolean = () => false): Promise<void> {
    if (this.#running) throw new Error('this time is running already');
    this.#running = true;
    this.#stopped = false;
    const rejections = new Rejections();
    rejections.listen();
    try {
      await this.#pass(until, rejections);
    } finally {
      rejections.cease();
      this.#running = false;
    }
  }

  /** Ends the run after the event that is happening. */
  stop(): void {
    this.#stopped = true;
  }

  async #pass(until: () => boolean, rejections: Rejections): Promise<void> {
    for (;;) {
      // Between two turns of Node's loop its queue of microtasks runs empty: everybody waits for an event now.
      await turn();
      rejections.check();
      if (this.#stopped || until()) return;
      const next = this.#agenda.take();
      if (next === undefined) return;
      this.#nowMs = next.atMs;
      this.#events++;
      const done = next.what();
      if (done !== undefined) await done;
    }
  }

  /** The first whole millisecond that is neither before the instant nor past. */
  #instant(instantMs: number): number {
    const whole = Math.max(this.#nowMs, Math.ceil(instantMs));
    if (!Number.isFinite(whole)) throw new RangeError(`there is no instant ${instantMs}`);
    return whole;
  }
}
