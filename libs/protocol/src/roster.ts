import type { ActorId } from './ids.ts';
import type { Membership, Trainer, Validator } from './members.ts';
import type { RunState } from './state.ts';
import { drop, entriesOf, find, mapValues, put, type Table } from './table.ts';

/** The members as they are when the next round opens, and what changes then. */
export interface Roster {
  readonly trainers: Table<Trainer>;
  readonly validators: Table<Validator>;
  readonly former: Table<Trainer>;
  readonly joined: readonly ActorId[];
  readonly left: readonly ActorId[];
  readonly becameActive: readonly ActorId[];
  readonly becameInactive: readonly ActorId[];
}

/** What an account is from the next opened round on; undefined for one that has never joined. */
export function membershipOf(state: RunState, id: ActorId): Membership | undefined {
  const asked = find(state.pending, id);
  if (asked !== undefined) return asked;
  const trainer = find(state.trainers, id);
  if (trainer !== undefined) {
    const { number, bondWei, suspended } = trainer;
    return { role: 'trainer', number, bondWei, active: !suspended };
  }
  const validator = find(state.validators, id);
  if (validator === undefined) return undefined;
  const { number, bondWei, active } = validator;
  return { role: 'validator', number, bondWei, active };
}

/**
 * Applies what the ledger has said of members since the last opening, then settles for which Trainers nobody waits any
 * more. A newcomer starts at the initial trust and leaves everybody's trust as it is; who comes back has what it had.
 */
export function nextRoster(state: RunState): Roster {
  const next = {
    trainers: state.trainers,
    validators: state.validators,
    former: state.former,
    joined: [] as ActorId[],
    left: [] as ActorId[],
    becameActive: [] as ActorId[],
    becameInactive: [] as ActorId[],
  };
  for (const [key, membership] of entriesOf(state.pending)) {
    const id = key as ActorId;
    const trainer = find(state.trainers, id);
    const validator = find(state.validators, id);
    const { role, active } = membership;
    const was = trainer === undefined ? validator?.active : !trainer.suspended;
    const stays = role === 'trainer' ? trainer : role === 'validator' ? validator : undefined;
    if (role !== null && stays === undefined) next.joined.push(id);
    if (was !== undefined && stays === undefined) next.left.push(id);
    if (stays !== undefined && was !== active) (active ? next.becameActive : next.becameInactive).push(id);

    if (role === 'trainer') {
      next.trainers = put(next.trainers, id, asTrainer(state, id, membership));
      next.former = drop(next.former, id);
    } else if (trainer !== undefined) {
      next.trainers = drop(next.trainers, id);
      next.former = put(next.former, id, trainer);
    }
    if (role === 'validator')
      next.validators = put(next.validators, id, asValidator(id, membership, validator));
    else next.validators = drop(next.validators, id);
  }
  next.trainers = mapValues(next.trainers, (trainer) => {
    const active = trainer.missedRounds < state.config.inactiveAfterRounds;
    if (active === trainer.active) return trainer;
    if (!trainer.suspended) (active ? next.becameActive : next.becameInactive).push(trainer.id);
    return { ...trainer, active };
  });
  return next;
}

/** True if the ledger has enough active members to open a round. */
export function canOpen({ config, roll }: RunState): boolean {
  return roll.trainers >= config.minTrainers && roll.validators >= config.minValidators;
}

function asTrainer(state: RunState, id: ActorId, { number, bondWei, active }: Membership): Trainer {
  const member = find(state.trainers, id);
  const suspended = !active;
  // Who was away is waited for again, and does not hold the others back.
  const back = { progress: state.version, missedRounds: 0, active: true };
  if (member !== undefined)
    return { ...member, ...(member.suspended && active ? back : {}), number, bondWei, suspended };
  const former = find(state.former, id);
  if (former !== undefined) return { ...former, ...back, number, bondWei, suspended };
  return {
    id,
    number,
    bondWei,
    trust: state.config.initialTrust,
    usedSequence: -1,
    unused: [],
    progress: state.version,
    missedRounds: 0,
    active: true,
    suspended,
    jailedUntilRound: 0,
  };
}

const asValidator = (
  id: ActorId,
  { number, bondWei, active }: Membership,
  member: Validator | undefined,
): Validator => ({ id, number, bondWei, active, jailedUntilRound: member?.jailedUntilRound ?? 0 });
