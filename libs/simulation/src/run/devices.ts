import type { Work, Workshop } from '#libs/ports';
import type { VirtualTime } from '../time/virtual-time.ts';
import type { WorkCache } from './work-cache.ts';
import { costMs, simulatedWorkshop } from '../network/workshop.ts';

/** Real milliseconds by kind of work, added up over the threads. */
export type RealMs = Record<Work['kind'], number>;

/** An actor's device: what it is doing, how long it has been doing something, and what that took in reality. */
export class Device implements Workshop {
  readonly #speed: number;
  readonly #workshop: Workshop;
  readonly #real: RealMs;
  #doing: Work['kind'] | null = null;
  #busyMs = 0;
  isDown = false;
  readonly #cache: { readonly of: WorkCache; readonly name: string } | undefined;
  readonly #count = { training: 0, scoring: 0, merging: 0, testing: 0 };

  /** @param cache Of the results of an interrupted run, if there is to be one; under the actor's name. */
  constructor(
    time: VirtualTime,
    speed: number,
    real: RealMs,
    cache?: { readonly of: WorkCache; readonly name: string },
  ) {
    this.#speed = speed;
    this.#real = real;
    this.#cache = cache;
    this.#workshop = simulatedWorkshop(time, speed);
  }

  /** Virtual ms spent on work. */
  get busyMs(): number {
    return this.#busyMs;
  }

  get activity(): 'idle' | 'training' | 'scoring' | 'merging' | 'down' {
    if (this.isDown) return 'down';
    return this.#doing === 'testing' || this.#doing === null ? 'idle' : this.#doing;
  }

  async run<T>(work: Work, job: () => Promise<T>): Promise<T> {
    this.#doing = work.kind;
    this.#busyMs += costMs(work, this.#speed);
    try {
      return await this.#workshop.run(work, async () => {
        const start = performance.now();
        try {
          return await this.#once(work, job);
        } finally {
          this.#real[work.kind] += performance.now() - start;
        }
      });
    } finally {
      this.#doing = null;
    }
  }

  /** Merges are quicker done again than kept. */
  #once<T>(work: Work, job: () => Promise<T>): Promise<T> {
    const n = this.#count[work.kind]++;
    if (this.#cache === undefined || work.kind === 'merging') return job();
    return this.#cache.of.once(this.#cache.name, work, n, job);
  }
}

export const noTime = (): RealMs => ({ training: 0, scoring: 0, merging: 0, testing: 0 });
