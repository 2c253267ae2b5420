/**
 * Hears of promises that were rejected with nobody awaiting them. A node lets some of its work go on by itself; where
 * that fails in a simulation, the simulation has to end and say so, and Node.js tells it to the process only. Two
 * simulations that run in one process at the same time therefore both end.
 */
export class Rejections {
  #first: { readonly reason: unknown } | null = null;
  readonly #listener = (reason: unknown): void => {
    this.#first ??= { reason };
  };

  listen(): void {
    process.on('unhandledRejection', this.#listener);
  }

  /** @throws what was rejected first since the last call, if anything was */
  check(): void {
    const first = this.#first;
    if (first === null) return;
    this.#first = null;
    throw first.reason;
  }

  cease(): void {
    process.off('unhandledRejection', this.#listener);
    this.#first = null;
  }
}
