import type { Ending, Running } from './processes.ts';

/** Between an end that nobody asked for and the next start: longer each time in a row. */
const [firstDelayMs, longestDelayMs] = [200, 10_000];
/** Whoever has lived this long has not failed in a row. */
const steadyMs = 30_000;

export interface Supervising {
  /** Told of every end that nobody asked for. */
  readonly onEnded: (name: string, ending: Ending) => void;
  /** Told when a process cannot be started again; the next attempt follows. */
  readonly onFailed: (name: string, error: unknown) => void;
}

interface Kept {
  running: Running | null;
  startedMs: number;
  failures: number;
  timer: NodeJS.Timeout | null;
  /** A start that is under way. */
  starting: Promise<void>;
}

/** Starts processes again when they end, until they are released. */
export class Supervisor {
  readonly #told: Supervising;
  readonly #kept = new Map<string, Kept>();

  constructor(told: Supervising) {
    this.#told = told;
  }

  /** Starts a process for the first time: a failure now is the caller's to deal with. */
  async keep(name: string, start: () => Promise<Running>): Promise<Running> {
    const kept: Kept = {
      ...{ running: null, startedMs: performance.now(), failures: 0, timer: null },
      starting: Promise.resolve(),
    };
    this.#kept.set(name, kept);
    const starting = start();
    kept.starting = starting.then(
      (running) => {
        kept.running = running;
        this.#watch(name, kept, running, start);
      },
      () => void this.#kept.delete(name),
    );
    return starting;
  }

  isDown(name: string): boolean {
    return this.#kept.get(name)?.running === null;
  }

  /** Ends processes, side by side, and keeps them no longer. */
  async end(names: readonly string[], graceMs: number): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        const kept = this.#kept.get(name);
        this.#kept.delete(name);
        if (kept === undefined) return;
        if (kept.timer !== null) clearTimeout(kept.timer);
        // One that is being started has to be there to be ended.
        await kept.starting;
        await kept.running?.end(graceMs);
      }),
    );
  }

  async endAll(graceMs: number): Promise<void> {
    await this.end([...this.#kept.keys()], graceMs);
  }

  #watch(name: string, kept: Kept, running: Running, start: () => Promise<Running>): void {
    void running.ended.then((ending) => {
      kept.running = null;
      if (this.#kept.get(name) !== kept) return;
      this.#told.onEnded(name, ending);
      kept.failures = performance.now() - kept.startedMs > steadyMs ? 0 : kept.failures + 1;
      this.#again(name, kept, start);
    });
  }

  #again(name: string, kept: Kept, start: () => Promise<Running>): void {
    const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.max(0, kept.failures - 1));
    kept.timer = setTimeout(() => {
      kept.timer = null;
      kept.startedMs = performance.now();
      kept.starting = start().then(
        (running) => {
          kept.running = running;
          this.#watch(name, kept, running, start);
        },
        (error: unknown) => {
          if (this.#kept.get(name) !== kept) return;
          this.#told.onFailed(name, error);
          kept.failures++;
          this.#again(name, kept, start);
        },
      );
    }, delayMs);
  }
}
