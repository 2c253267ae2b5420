import type { EventOf } from '../events.ts';
import type { ActorId } from '../ids.ts';
import { type Pending, placeReceipt, type Trainer } from '../members.ts';
import { nextRoster } from '../roster.ts';
import { schemeOf } from '../schemes/index.ts';
import { openRound, type RunState } from '../state.ts';
import { find, put } from '../table.ts';
import { withRound, withTrainer } from './round.ts';

export function asked(state: RunState, actor: ActorId, change: Pending): RunState {
  return { ...state, pending: put(state.pending, actor, { ...find(state.pending, actor), ...change }) };
}

export function membersChanged(state: RunState): RunState {
  const { trainers, validators } = nextRoster(state);
  return { ...state, trainers, validators, pending: null };
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
