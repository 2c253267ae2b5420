import type { Work, Workshop } from '#libs/ports';

/** This machine as a node's workshop: one job after the other, as fast as it goes. */
export class RealDevice implements Workshop {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(_work: Work, job: () => Promise<T>): Promise<T> {
    const done = this.#last.then(job);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
