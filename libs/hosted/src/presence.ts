import type { ActorId, RunState } from '#libs/protocol';
import { whoIsWaitedFor } from '#libs/protocol';
import type { RunInProgress } from '#libs/simulation';

type Activity = ReturnType<RunInProgress['activityOf']>;

/** What somebody whose turn it is does in a phase. */
const work: Readonly<Record<string, Activity>> = {
  training: 'training',
  opening: 'scoring',
  commit: 'scoring',
  settlement: 'merging',
};

/** What others are doing, as far as the protocol shows it: whoever's turn it is in a phase is at the phase's work. */
export class Presence {
  readonly #busyMs = new Map<ActorId, number>();
  #busy: ReadonlyMap<ActorId, Activity> = new Map();
  #sinceMs: number | null = null;

  /** What the state says from now on. */
  see(state: RunState, nowMs: number): void {
    this.#count(nowMs);
    const { phase, actors } = whoIsWaitedFor(state);
    const activity = work[phase];
    const members = actors.filter((actor): actor is ActorId => actor.startsWith('0x'));
    this.#busy = new Map(activity === undefined ? [] : members.map((actor) => [actor, activity]));
  }

  activityOf(actor: ActorId): Activity {
    return this.#busy.get(actor) ?? 'idle';
  }

  busyMs(actor: ActorId, nowMs: number): number {
    this.#count(nowMs);
    return this.#busyMs.get(actor) ?? 0;
  }

  #count(nowMs: number): void {
    const spentMs = this.#sinceMs === null ? 0 : Math.max(0, nowMs - this.#sinceMs);
    this.#sinceMs = nowMs;
    for (const actor of this.#busy.keys()) this.#busyMs.set(actor, (this.#busyMs.get(actor) ?? 0) + spentMs);
  }
}
