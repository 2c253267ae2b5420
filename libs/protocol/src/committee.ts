import { type Candidates, drawOf, electionOf, type Seat } from './election.ts';
import type { ActorId } from './ids.ts';
import { isFree } from './members.ts';
import { openRound, type RunState } from './state.ts';
import { valuesOf } from './table.ts';

/** Who may be chosen for a round, given the members and the last certificate of this state. */
export function candidates(state: RunState, round: number): Candidates {
  return {
    validators: valuesOf(state.validators)
      .filter((validator) => validator.active && isFree(validator, round))
      .map(({ id, bondWei }) => ({ id, bondWei })),
    trainers: valuesOf(state.trainers)
      .filter((trainer) => isFree(trainer, round))
      .map(({ id }) => id),
    draw: drawOf(state.config.run, round, state.certificate),
  };
}

/** The Validators that score in a round, ascending by address: of the open round as it is, of a later one as it would be now. */
export function committee(state: RunState, round: number): readonly Seat[] {
  const open = openRound(state);
  if (open?.number === round) return open.committee;
  return electionOf(state.config).committee(candidates(state, round), state.config.maxCommittee);
}

/** The Validator whose turn it is to propose lineup or settlement at the given attempt; undefined if there is none. */
export function proposer(state: RunState, round: number, attempt: number): ActorId | undefined {
  const open = openRound(state);
  const draw = open?.number === round ? open.draw : drawOf(state.config.run, round, state.certificate);
  return electionOf(state.config).proposer(committee(state, round), draw, attempt);
}

/** Proposers who get their turn before a lineup is given up, or a settlement is anybody's. */
export function proposers(state: RunState, round: number): number {
  return Math.min(state.config.maxProposers, committee(state, round).length);
}
