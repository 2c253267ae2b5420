import { phaseDuties } from '../duties.ts';
import type { Effect } from '../effects.ts';
import type { Event, EventBody } from '../events.ts';
import type { ActorId, Digest } from '../ids.ts';
import { apply } from '../reduce/apply.ts';
import type { RejectionCode } from '../rejections.ts';
import { openRound, type Round, type RunState } from '../state.ts';
import type { Slot } from '../statements.ts';
import { find } from '../table.ts';

/** One call of `step` while it is being worked out. Local to that call; nothing outside ever sees it change. */
export interface Turn {
  state: RunState;
  readonly atMs: number;
  readonly events: Event[];
  readonly effects: Effect[];
}

/** What a handler returns: why it refused the input, having changed nothing, or null. */
export type Refusal = RejectionCode | null;

/** Something happened: the event changes the state, and goes into the log. */
export function tell(turn: Turn, body: EventBody): void {
  const event: Event = { ...body, atMs: turn.atMs };
  turn.state = apply(turn.state, event);
  turn.events.push(event);
}

export function ask(turn: Turn, ...effects: Effect[]): void {
  turn.effects.push(...effects);
}

/** Asks for everything that is due now in the phase: when it opens, and when all of it changes. */
export function askDuties(turn: Turn): void {
  const round = openRound(turn.state);
  if (round !== null) ask(turn, ...phaseDuties(turn.state, round));
}

/** The open round, if it is the one that the input is about; else why not. */
export function roundOf({ state }: Turn, number: number): Round | 'stale' | 'early' {
  const round = openRound(state);
  if (round?.number === number) return round;
  return number < state.rounds ? 'stale' : 'early';
}

/** True if the actor votes in the open round. */
export const isSeated = (state: RunState, actor: ActorId): boolean =>
  openRound(state)?.committee.some(({ id }) => id === actor) === true;

/** An actor has signed two things in one slot. The first proof is kept and reported; more of the same is only counted. */
export function accuse(turn: Turn, actor: ActorId, slot: Slot, first: Digest, second: Digest): Refusal {
  if (slot.kind === 'receipt' || find(turn.state.equivocators, actor) === undefined) {
    tell(turn, { kind: 'equivocationFound', actor, slot, first, second });
    ask(turn, { kind: 'reportEquivocation', to: 'anybody', actor, slot, first, second });
  }
  return 'equivocation';
}
