import type { EventOf } from '../events.ts';
import type { ActorId } from '../ids.ts';
import { type Membership, placeReceipt, type Trainer } from '../members.ts';
import { membershipOf, nextRoster } from '../roster.ts';
import { schemeOf } from '../schemes/index.ts';
import { openRound, type Roll, type RunState } from '../state.ts';
import { find, put } from '../table.ts';
import { withRound, withTrainer } from './round.ts';

const nobody: Membership = { role: null, number: 0, bondWei: 0n, active: false };

/** Notes what an account is from the next opened round on. */
export function noted(state: RunState, actor: ActorId, change: Partial<Membership>): RunState {
  const before = membershipOf(state, actor) ?? nobody;
  const after = { ...before, ...change };
  return {
    ...state,
    pending: put(state.pending, actor, after),
    roll: counted(counted(state.roll, before, -1), after, 1),
    accounts: put(state.accounts, String(after.number), actor),
  };
}

function counted({ trainers, validators }: Roll, { role, active }: Membership, by: 1 | -1): Roll {
  const change = active ? by : 0;
  return {
    trainers: trainers + (role === 'trainer' ? change : 0),
    validators: validators + (role === 'validator' ? change : 0),
  };
}

export function membersChanged(state: RunState): RunState {
  const { trainers, validators, former } = nextRoster(state);
  return { ...state, trainers, validators, former, pending: null };
}

export function receiptAccepted(state: RunState, { receipt }: EventOf<'receiptAccepted'>): RunState {
  return changeTrainer(state, receipt.trainer, (trainer) => {
    const placed = placeReceipt(trainer, receipt, schemeOf(state.config.scheme).updatesPerRound);
    return placed.kind === 'held' ? { ...trainer, unused: placed.unused } : trainer;
  });
}

export function equivocationFound(state: RunState, { actor, slot }: EventOf<'equivocationFound'>): RunState {
  const equivocators = put(state.equivocators, actor, find(state.equivocators, actor) ?? slot);
  if (slot.kind !== 'receipt') return { ...state, equivocators };
  // Neither of the two receipts counts: otherwise the order in which they arrived would decide.
  return changeTrainer({ ...state, equivocators }, actor, (trainer) => ({
    ...trainer,
    unused: trainer.unused.map((held) =>
      held.receipt.sequence === slot.sequence ? { ...held, spoiled: true } : held,
    ),
  }));
}

function changeTrainer(state: RunState, id: ActorId, change: (trainer: Trainer) => Trainer): RunState {
  const before = find(state.trainers, id);
  if (before === undefined) return state;
  const after = change(before);
  const changed = { ...state, trainers: put(state.trainers, id, after) };
  return openRound(state) === null
    ? changed
    : withRound(changed, (round) => withTrainer(state.config, round, before, after));
}
