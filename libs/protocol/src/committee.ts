import { type Candidates, drawOf, electionOf, type Seat } from './election.ts';
import type { ActorId } from './ids.ts';
import { nextRoster } from './roster.ts';
import { openRound, type RunState } from './state.ts';
import { valuesOf } from './table.ts';

/** Who may be chosen for a round that is not open yet, given the members and the release of this state. */
function candidates(state: RunState, round: number): Candidates {
  const { trainers, validators } = nextRoster(state);
  return {
    validators: inOrder(valuesOf(validators).filter(({ active }) => active)).map(({ id, bondWei }) => ({
      id,
      bondWei,
    })),
    trainers: inOrder(valuesOf(trainers).filter(({ suspended }) => !suspended)).map(({ id }) => id),
    draw: drawOf(round, state.release),
  };
}

const inOrder = <M extends { readonly number: number }>(members: M[]): M[] =>
  members.sort((a, b) => a.number - b.number);

/** Trainers drawn for a round that opens now, if the run samples; null: all of them. */
export function sampled(state: RunState, round: number): readonly ActorId[] | null {
  const { sampleSize } = state.config;
  return sampleSize === 0 ? null : electionOf(state.config).sample(candidates(state, round), sampleSize);
}

/** The Validators that score in a round, by seat: of the open round as the ledger seated them, of a later one as it would be now. */
export function committee(state: RunState, round: number): readonly Seat[] {
  const open = openRound(state);
  if (open?.number === round) return open.committee;
  return electionOf(state.config).committee(candidates(state, round), state.config.maxCommittee);
}

/** The Validator whose turn it is to propose lineup or settlement at the given attempt; undefined if there is none. */
export function proposer(state: RunState, round: number, attempt: number): ActorId | undefined {
  const open = openRound(state);
  const draw = open?.number === round ? open.draw : drawOf(round, state.release);
  return electionOf(state.config).proposer(committee(state, round), draw, attempt);
}
