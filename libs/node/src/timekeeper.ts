import type { Cancel, LedgerActions } from '#libs/ports';
import { deadline, type Effect, openRound, type RunState } from '#libs/protocol';
import type { Agent, Follower } from './follower.ts';

/**
 * Keeps the ledger moving: opens rounds that can open and closes phases that are overdue. Everybody may; a Scheduler does
 * it at once, Validators when after some patience nobody has.
 */
export class Timekeeper implements Agent {
  readonly actor = null;
  readonly #follower: Follower;
  readonly #ledger: LedgerActions;
  readonly #patienceMs: number;
  #detach: Cancel | null = null;
  #cancel: Cancel | null = null;

  constructor(follower: Follower, ledger: LedgerActions, patienceMs: number) {
    this.#follower = follower;
    this.#ledger = ledger;
    this.#patienceMs = patienceMs;
  }

  start(): void {
    this.#detach = this.#follower.attach(this);
    this.#keep(this.#follower.state);
  }

  stop(): void {
    this.#detach?.();
    this.#detach = null;
    this.#cancel?.();
  }

  carryOut(effect: Effect): void {
    if (effect.kind === 'openRound')
      this.#after(this.#patienceMs, () => {
        this.#open();
      });
    if (effect.kind === 'setDeadline' && effect.clock === 'ledger') this.#keep(this.#follower.state);
  }

  #open(): void {
    if (this.#follower.state.stage.kind === 'gathering') this.#send(this.#ledger.rounds.open(this.#run));
  }

  /** The ledger counts in seconds and calls a phase overdue when its deadline has passed. */
  #keep(state: RunState): void {
    const dueMs = deadline(state);
    this.#cancel?.();
    this.#cancel = null;
    if (dueMs === null) return;
    const { clock } = this.#follower.world;
    this.#cancel = clock.at(Math.max(dueMs + 1000 + this.#patienceMs, clock.nowMs()), () => {
      this.#close(dueMs);
    });
  }

  #close(dueMs: number): void {
    const { state, world } = this.#follower;
    if (deadline(state) !== dueMs) return;
    const phase = openRound(state)?.phase.kind;
    // Between an own deadline and the ledger's there is nothing to close.
    if (phase !== 'training' && phase !== 'opening') this.#send(this.#ledger.rounds.closePhase(this.#run));
    // Somebody may have been faster, or the ledger's clock behind: look again.
    this.#cancel = world.clock.at(world.clock.nowMs() + 2000 + this.#patienceMs, () => {
      this.#close(dueMs);
    });
  }

  #after(delayMs: number, what: () => void): void {
    const { clock } = this.#follower.world;
    if (delayMs === 0) what();
    else
      clock.at(clock.nowMs() + delayMs, () => {
        if (this.#detach !== null) what();
      });
  }

  /** What the ledger refuses, somebody else has done before. */
  #send(sent: Promise<unknown>): void {
    sent.catch(this.#follower.world.fail);
  }

  get #run(): bigint {
    return this.#follower.run.domain.number;
  }
}
