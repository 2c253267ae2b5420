import { type Event, openRound, type RunState } from '#libs/protocol';

/** How long phases took, by the instants of the events that began and ended them. */
export class PhaseTimes {
  readonly #ended: (phase: string, seconds: number) => void;
  #now: { readonly phase: string; readonly round: number | null; readonly sinceMs: number } | null = null;

  constructor(ended: (phase: string, seconds: number) => void) {
    this.#ended = ended;
  }

  see(events: readonly Event[], state: RunState): void {
    const atMs = events.at(-1)?.atMs;
    if (atMs === undefined) return;
    const open = openRound(state);
    const [phase, round] = open === null ? [state.stage.kind, null] : [open.phase.kind, open.number];
    if (this.#now?.phase === phase && this.#now.round === round) return;
    // The ledger counts seconds and nodes milliseconds: what follows may be a little before what it follows.
    if (this.#now !== null) this.#ended(this.#now.phase, Math.max(0, atMs - this.#now.sinceMs) / 1000);
    this.#now = { phase, round, sinceMs: atMs };
  }
}
