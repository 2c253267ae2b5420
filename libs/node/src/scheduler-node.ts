import type { LedgerActions } from '#libs/ports';
import type { Follower } from './follower.ts';
import { Timekeeper } from './timekeeper.ts';

/** Keeps the deadlines, and has no vote. Any number of them may run. */
export class SchedulerNode {
  readonly #timekeeper: Timekeeper;

  constructor(follower: Follower, ledger: LedgerActions) {
    this.#timekeeper = new Timekeeper(follower, ledger, 0);
  }

  start(): void {
    this.#timekeeper.start();
  }

  stop(): void {
    this.#timekeeper.stop();
  }
}
