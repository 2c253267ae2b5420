import type { Cancel, LedgerActions } from '#libs/ports';
import { deadline, type Effect, type RunState } from '#libs/protocol';
import type { Agent, Follower } from './follower.ts';
import { againMs, graceMs, LedgerPushes } from './ledger-pushes.ts';

/**
 * Keeps the ledger moving: opens rounds that can open and closes phases that are overdue. Everybody may; a Scheduler does
 * it at once, Validators when after some patience nobody has.
 */
export class Timekeeper implements Agent {
  readonly actor = null;
  readonly #follower: Follower;
  readonly #pushes: LedgerPushes;
  readonly #patienceMs: number;
  #detach: Cancel | null = null;
  #cancel: Cancel | null = null;

  constructor(follower: Follower, ledger: LedgerActions, patienceMs: number) {
    this.#follower = follower;
    this.#pushes = new LedgerPushes(follower, ledger);
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
        this.#send(this.#pushes.open());
      });
    if (effect.kind === 'setDeadline' && effect.clock === 'ledger') this.#keep(this.#follower.state);
  }

  #keep(state: RunState): void {
    const dueMs = deadline(state);
    this.#cancel?.();
    this.#cancel = null;
    if (dueMs === null) return;
    const { clock } = this.#follower.world;
    this.#cancel = clock.at(Math.max(dueMs + graceMs + this.#patienceMs, clock.nowMs()), () => {
      this.#close(dueMs);
    });
  }

  #close(dueMs: number): void {
    if (!this.#pushes.isDue(dueMs)) return;
    this.#send(this.#pushes.close());
    const { clock } = this.#follower.world;
    this.#cancel = clock.at(clock.nowMs() + againMs + this.#patienceMs, () => {
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

  #send(sent: Promise<unknown>): void {
    sent.catch(this.#follower.world.fail);
  }
}
