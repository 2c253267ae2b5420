import type { Work, Workshop } from '#libs/ports';
import type { VirtualTime } from '../time/virtual-time.ts';
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

  constructor(time: VirtualTime, speed: number, real: RealMs) {
    this.#speed = speed;
    this.#real = real;
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
          return await job();
        } finally {
          this.#real[work.kind] += performance.now() - start;
        }
      });
    } finally {
      this.#doing = null;
    }
  }
}

export const noTime = (): RealMs => ({ training: 0, scoring: 0, merging: 0, testing: 0 });
