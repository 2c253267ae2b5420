import type { LedgerActions } from '#libs/ports';
import { deadline, openRound } from '#libs/protocol';
import type { Follower } from './follower.ts';

/** The ledger counts in seconds and calls a phase overdue when its deadline has passed. */
export const graceMs = 1_000;
/** Somebody may have been faster, or the ledger's clock behind: then one looks again. */
export const againMs = 2_000;

/** What moves a ledger on that nobody else moves: everybody may, and what it refuses, somebody else has done before. */
export class LedgerPushes {
  readonly #follower: Follower;
  readonly #ledger: LedgerActions;

  constructor(follower: Follower, ledger: LedgerActions) {
    this.#follower = follower;
    this.#ledger = ledger;
  }

  get canOpen(): boolean {
    return this.#follower.state.stage.kind === 'gathering';
  }

  /** True while the phase with this deadline is the current one. */
  isDue(dueMs: number): boolean {
    return deadline(this.#follower.state) === dueMs;
  }

  async open(): Promise<void> {
    if (this.canOpen) await this.#ledger.rounds.open(this.#run);
  }

  async close(): Promise<void> {
    const phase = openRound(this.#follower.state)?.phase.kind;
    // Between an own deadline and the ledger's there is nothing to close.
    if (phase !== 'training' && phase !== 'opening') await this.#ledger.rounds.closePhase(this.#run);
  }

  get #run(): bigint {
    return this.#follower.run.domain.number;
  }
}
