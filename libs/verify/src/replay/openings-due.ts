import type { RunPlan } from '#libs/experiment';
import { type Entry, entryKey, openRound } from '#libs/protocol';
import { differs, type Place } from '../difference.ts';
import type { Updates } from '../learning/updates.ts';
import type { Observer } from './observer.ts';

/** How many times as long as a lineup takes on a free line: what was asked for before comes first. */
const patience = 10;

interface Due {
  readonly entry: Entry;
  readonly byMs: number;
}

/** Whose key has been told and whose lineup is there is opened, whatever it turns out to be: so none can be left out. */
export class OpeningsDue {
  readonly #observer: Observer;
  readonly #updates: Updates;
  readonly #network: RunPlan['network'];
  readonly #due = new Map<string, Due>();
  readonly #opened = new Set<string>();
  #round = -1;
  /** Entries of the open round whose key has not been told. */
  #closed: readonly Entry[] = [];

  constructor(observer: Observer, updates: Updates, network: RunPlan['network']) {
    this.#observer = observer;
    this.#updates = updates;
    this.#network = network;
  }

  opened(trainer: Entry['trainer'], sequence: number): void {
    const key = entryKey(trainer, sequence);
    this.#opened.add(key);
    this.#due.delete(key);
  }

  /** @param atMs When something else comes. */
  requireBefore(place: Place, atMs: number): void {
    for (const { entry, byMs } of this.#due.values())
      if (byMs < atMs)
        throw differs(
          place,
          `comes long after the key of ${entry.trainer} was told, whose update was not opened`,
        );
    this.#look(atMs);
  }

  /** Takes up what can be opened since before an instant. */
  #look(atMs: number): void {
    const round = openRound(this.#observer.state);
    if (round === null || !('lineup' in round.phase)) return;
    const { entries } = round.phase.lineup;
    if (round.number !== this.#round) {
      this.#round = round.number;
      this.#closed = entries.filter(
        ({ trainer, sequence }) => !this.#opened.has(entryKey(trainer, sequence)),
      );
    }
    if (this.#closed.length === 0) return;
    const isTold = (entry: Entry) => this.#updates.isReadableBefore(entry, atMs);
    const byMs = atMs + patience * this.#takesMs(entries);
    for (const entry of this.#closed) {
      const key = entryKey(entry.trainer, entry.sequence);
      if (isTold(entry) && !this.#opened.has(key)) this.#due.set(key, { entry, byMs });
    }
    this.#closed = this.#closed.filter((entry) => !isTold(entry));
  }

  #takesMs(entries: readonly Entry[]): number {
    const { latencyMs, bytesPerSecond } = this.#network;
    const bytes = entries.reduce((sum, entry) => sum + this.#updates.sizeOf(entry), 0);
    return latencyMs + (1000 * bytes) / bytesPerSecond;
  }
}
