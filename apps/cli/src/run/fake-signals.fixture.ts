import type { Signals } from './interrupt.ts';

type Signal = Parameters<Signals['on']>[0];

/** What a process that has ended does not go on with. */
export class Ended extends Error {}

/** A process that a test sends signals to. */
export class FakeSignals implements Signals {
  suspended = 0;
  ended = 0;
  loseReader = (): void => undefined;
  readonly #listeners = new Map<Signal, Set<() => void>>();

  on(signal: Signal, listener: () => void): void {
    this.#listeners.set(signal, (this.#listeners.get(signal) ?? new Set()).add(listener));
  }

  off(signal: Signal, listener: () => void): void {
    this.#listeners.get(signal)?.delete(listener);
  }

  suspend(): void {
    this.suspended++;
  }

  end(): void {
    this.ended++;
    throw new Ended();
  }

  onReaderGone(listener: () => void): void {
    this.loseReader = listener;
  }

  raise(signal: Signal): void {
    for (const listener of this.#listeners.get(signal) ?? []) listener();
  }

  get listeners(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }
}
