import type { ActorId } from './ids.ts';
import type { Trainer, Validator } from './members.ts';
import type { RunState } from './state.ts';
import { drop, entriesOf, find, mapValues, put, sizeOf, valuesOf, type Table } from './table.ts';
import { isFree } from './members.ts';

/** The members as they are after a round boundary, and what changed. */
export interface Roster {
  readonly trainers: Table<Trainer>;
  readonly validators: Table<Validator>;
  readonly joined: readonly ActorId[];
  readonly left: readonly ActorId[];
  readonly becameActive: readonly ActorId[];
  readonly becameInactive: readonly ActorId[];
}

/**
 * Applies what members have asked for since the last boundary, then settles who is active after the rounds they missed. A newcomer starts at the initial trust and leaves everybody's trust as it is.
 */
export function nextRoster(state: RunState): Roster {
  const joined: ActorId[] = [];
  const left: ActorId[] = [];
  const becameActive: ActorId[] = [];
  const becameInactive: ActorId[] = [];
  let { trainers, validators } = state;
  for (const [key, asked] of entriesOf(state.pending)) {
    const id = key as ActorId;
    if (asked.join?.role === 'trainer')
      trainers = put(trainers, id, newTrainer(state, id, asked.join.bondWei));
    if (asked.join?.role === 'validator')
      validators = put(validators, id, newValidator(id, asked.join.bondWei));
    if (asked.join !== undefined) joined.push(id);
    const changed = <M extends Trainer | Validator>(members: Table<M>): Table<M> => {
      const member = find(members, id);
      if (member === undefined) return members;
      if (asked.leave === true) {
        left.push(id);
        return drop(members, id);
      }
      if (asked.checkIn === true && !member.active) becameActive.push(id);
      const missedRounds = asked.checkIn === true ? 0 : member.missedRounds;
      const active = asked.checkIn === true || member.active;
      return put(members, id, { ...member, missedRounds, active, bondWei: asked.bondWei ?? member.bondWei });
    };
    trainers = changed(trainers);
    validators = changed(validators);
  }
  // Nobody misses anything while no round is open; members who gather one by one are not looked at over and over.
  if (state.stage.kind === 'round') {
    const { inactiveAfterRounds } = state.config;
    trainers = mapValues(trainers, (trainer) => {
      const active = trainer.missedRounds < inactiveAfterRounds.trainers;
      if (active === trainer.active) return trainer;
      (active ? becameActive : becameInactive).push(trainer.id);
      return { ...trainer, active };
    });
    validators = mapValues(validators, (validator) => {
      if (!validator.active || validator.missedRounds < inactiveAfterRounds.validators) return validator;
      becameInactive.push(validator.id);
      return { ...validator, active: false };
    });
  }
  return { trainers, validators, joined, left, becameActive, becameInactive };
}

/**
 * True if a round can open: enough members, inactive ones included (a few dead ones must not end a run), and a Validator
 * to vote.
 */
export function canOpen({ config, trainers, validators, rounds }: RunState): boolean {
  return (
    sizeOf(trainers) >= config.minTrainers &&
    sizeOf(validators) >= config.minValidators &&
    valuesOf(validators).some((validator) => validator.active && isFree(validator, rounds))
  );
}

function newTrainer(state: RunState, id: ActorId, bondWei: bigint): Trainer {
  return {
    id,
    bondWei,
    trust: state.config.initialTrust,
    usedSequence: -1,
    unused: [],
    progress: state.version,
    missedRounds: 0,
    active: true,
    jailedUntilRound: 0,
  };
}

const newValidator = (id: ActorId, bondWei: bigint): Validator => ({
  id,
  bondWei,
  missedRounds: 0,
  active: true,
  jailedUntilRound: 0,
});
