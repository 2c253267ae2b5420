import { clockOf, deadline, type RunState } from '#libs/protocol';
import { differs, type Place } from '../difference.ts';

/**
 * The observer's clock, as far as the record shows it: it never goes back, and no deadline of its own passes unnoticed,
 * because simulated time stands still until everything that is due has happened.
 */
export class ObserverTime {
  readonly #latencyMs: number;
  #sinceMs: number;
  /** Its timer: when it rings, and an instant at which it had been set. */
  #timer: { readonly dueMs: number; setByMs: number | null } | null = null;

  constructor(startMs: number, latencyMs: number) {
    this.#sinceMs = startMs;
    this.#latencyMs = latencyMs;
  }

  /** It is this late at least. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** Blocks made before this second have been told of by the instant. */
  toldSecond(atMs: number): number {
    return Math.floor((atMs - this.#latencyMs) / 1000);
  }

  /** A message has come, or work is done. */
  passTo(place: Place, atMs: number, state: RunState): void {
    if (atMs < this.#sinceMs) throw differs(place, `was at ${atMs}, and it had been ${this.#sinceMs} before`);
    this.#sinceMs = atMs;
    const timer = this.#timer;
    if (timer === null || atMs <= Math.max(timer.dueMs, timer.setByMs ?? Infinity)) return;
    // It has rung; that is only heard where the deadline is still the same.
    if (deadline(state) === timer.dueMs)
      throw differs(place, `comes after a deadline, at ${timer.dueMs}, that nobody noticed`);
    this.#timer = null;
  }

  /** The timer rings. */
  ring(place: Place, atMs: number, state: RunState): void {
    if (this.#timer?.dueMs !== atMs || deadline(state) !== atMs)
      throw differs(place, 'is no deadline that this observer keeps');
    this.#sinceMs = Math.max(this.#sinceMs, atMs);
    this.#timer = null;
  }

  /** A block was told of: that takes a latency. */
  hearBlock(timeSeconds: number): void {
    this.#sinceMs = Math.max(this.#sinceMs, timeSeconds * 1000 + this.#latencyMs);
  }

  /** After an input. @param isExact False: it came from the ledger, at an instant that nobody wrote down. */
  setTimer(state: RunState, isExact: boolean): void {
    const setByMs = isExact ? this.#sinceMs : null;
    // It is set for deadlines of its own, and stays set when the ledger's come to be the same.
    const dueMs = clockOf(state) === 'own' ? deadline(state) : null;
    if (dueMs !== null && this.#timer?.dueMs !== dueMs) this.#timer = { dueMs, setByMs };
    else if (this.#timer !== null) this.#timer.setByMs ??= setByMs;
  }
}
