import type { Work, Workshop } from '#libs/ports';

/** A piece of work that is done. */
export interface WorkDone {
  readonly work: Work;
  readonly seconds: number;
}

/** This machine as a node's workshop: one job after the other, as fast as it goes. */
export class RealDevice implements Workshop {
  readonly #told: (done: WorkDone) => void;
  #doing: Work['kind'] | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(told: (done: WorkDone) => void = () => undefined) {
    this.#told = told;
  }

  get activity(): Work['kind'] | 'idle' {
    return this.#doing ?? 'idle';
  }

  run<T>(work: Work, job: () => Promise<T>): Promise<T> {
    const done = this.#last.then(() => this.#do(work, job));
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #do<T>(work: Work, job: () => Promise<T>): Promise<T> {
    this.#doing = work.kind;
    const start = performance.now();
    try {
      return await job();
    } finally {
      this.#doing = null;
      this.#told({ work, seconds: (performance.now() - start) / 1000 });
    }
  }
}
