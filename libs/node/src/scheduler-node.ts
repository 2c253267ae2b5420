import type { Cancel, JobOutcome, LedgerActions, RoundJob, RoundJobs } from '#libs/ports';
import { deadline, duties, type Effect, openRound } from '#libs/protocol';
import type { Agent, Follower } from './follower.ts';
import { againMs, graceMs, LedgerPushes } from './ledger-pushes.ts';

/** How often what is due is put down once more: the queue may have lost everything. */
const reconcileMs = 5_000;

/**
 * Keeps the deadlines, and has no vote. What is to be done when is in a queue that all Schedulers of a run share: any number
 * of them may run, each job is done by one, and what the queue has lost is put down again from the state of the run.
 */
export class SchedulerNode implements Agent {
  readonly actor = null;
  readonly #follower: Follower;
  readonly #jobs: RoundJobs;
  readonly #pushes: LedgerPushes;
  #ending: readonly Cancel[] = [];
  #look: Cancel | null = null;

  constructor(follower: Follower, ledger: LedgerActions, jobs: RoundJobs) {
    this.#follower = follower;
    this.#jobs = jobs;
    this.#pushes = new LedgerPushes(follower, ledger);
  }

  start(): void {
    this.#ending = [this.#follower.attach(this), this.#jobs.handle((job) => this.#do(job))];
    this.#reconcile();
  }

  stop(): void {
    for (const end of this.#ending) end();
    this.#ending = [];
    this.#look?.();
  }

  carryOut(effect: Effect): void {
    if (effect.kind === 'openRound') this.#addOpening();
    if (effect.kind === 'setDeadline' && effect.clock === 'ledger') this.#addClosing();
  }

  #addOpening(): void {
    const { state, world } = this.#follower;
    this.#add({ what: 'open', round: state.rounds, phase: 'gathering', dueMs: world.clock.nowMs() });
  }

  #addClosing(): void {
    const { state } = this.#follower;
    const dueMs = deadline(state);
    if (dueMs === null) return;
    const round = openRound(state);
    const phase = round?.phase.kind ?? state.stage.kind;
    this.#add({ what: 'close', round: round?.number ?? state.rounds, phase, dueMs: dueMs + graceMs });
  }

  #add(job: RoundJob): void {
    this.#jobs.add(job).catch(this.#follower.world.fail);
  }

  async #do({ what, dueMs }: RoundJob): Promise<JobOutcome> {
    if (what === 'open') await this.#pushes.open();
    else if (this.#pushes.isDue(dueMs - graceMs)) await this.#pushes.close();
    const isOpen = what === 'open' ? this.#pushes.canOpen : this.#pushes.isDue(dueMs - graceMs);
    return isOpen && this.#isRunning ? { kind: 'again', afterMs: againMs } : { kind: 'done' };
  }

  get #isRunning(): boolean {
    return this.#ending.length > 0;
  }

  #reconcile(): void {
    const { state, world } = this.#follower;
    if (duties(state).some(({ kind }) => kind === 'openRound')) this.#addOpening();
    this.#addClosing();
    this.#look = world.clock.at(world.clock.nowMs() + reconcileMs, () => {
      this.#reconcile();
    });
  }
}
