import type { Trial } from '#libs/experiment';

/** Seconds that a sweep still takes: what was estimated, corrected by what the trials took that have ended. */
export class TimeLeft {
  readonly #secondsOf: ReadonlyMap<string, number>;
  readonly #left = new Map<string, number>();
  #jobs: number;
  #cores: number;
  #estimated = 0;
  #took = 0;

  constructor(trials: readonly Trial[], secondsOf: ReadonlyMap<string, number>, jobs: number, cores: number) {
    this.#secondsOf = secondsOf;
    this.#jobs = jobs;
    this.#cores = cores;
    for (const { id } of trials) this.#left.set(id, 1);
  }

  /** So many are run at a time from now on, each on a core of its own at least. */
  atATime(jobs: number): void {
    this.#jobs = Math.max(1, jobs);
    this.#cores = this.#jobs;
  }

  /** A trial has come so far, from 0 to 1. */
  progress({ id }: Trial, share: number): void {
    if (this.#left.has(id)) this.#left.set(id, 1 - share);
  }

  ended({ id }: Trial, seconds: number): void {
    this.#left.delete(id);
    this.#estimated += this.#secondsOf.get(id) ?? 0;
    this.#took += seconds;
  }

  dropped({ id }: Trial): void {
    this.#left.delete(id);
  }

  get seconds(): number {
    let work = 0;
    for (const [id, share] of this.#left) work += share * (this.#secondsOf.get(id) ?? 0);
    if (this.#estimated === 0) return work / this.#cores;
    // What a trial takes beside the others, not what its work is: it is measured with all of them running.
    return (work * (this.#took / this.#estimated)) / this.#jobs;
  }
}
