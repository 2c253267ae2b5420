import type { EventOf } from '../events.ts';
import type { Entry, Outcome, Round, RunState } from '../state.ts';
import { find, mapValues, put } from '../table.ts';
import { isAsked } from './round.ts';

/** Applies what the contract decided: trusts, jail, and which receipts are used. Bonds change when the ledger says so. */
export function roundSettled(state: RunState, { outcome, released }: EventOf<'roundSettled'>): RunState {
  const { stage } = state;
  if (stage.kind !== 'round' || !('lineup' in stage.round.phase)) return state;
  const { entries } = stage.round.phase.lineup;
  const isCarried = (i: number) => !released && outcome.verdicts[i]?.accepted === true;
  const used = withUsed({ ...state, voidRounds: 0 }, entries, isCarried);
  return withPenalties(withTrusts(countTrainers(used, stage.round, entries), outcome), outcome);
}

/**
 * Uses up the receipts of a lineup, and with them those of lower sequence that came too late for it: what counts as a
 * replay afterwards is the same for all who follow the ledger. Accepted updates of a settlement that released nothing go
 * into the next lineup, if their Trainer has nothing newer by then.
 */
function withUsed(state: RunState, entries: readonly Entry[], isCarried: (i: number) => boolean): RunState {
  let { trainers } = state;
  entries.forEach(({ trainer: id, sequence }, i) => {
    const trainer = find(trainers, id);
    if (trainer === undefined || isCarried(i)) return;
    const unused = trainer.unused.filter(({ receipt }) => receipt.sequence > sequence);
    trainers = put(trainers, id, {
      ...trainer,
      unused,
      usedSequence: Math.max(trainer.usedSequence, sequence),
    });
  });
  return { ...state, trainers };
}

function withTrusts(state: RunState, { trusts }: Outcome): RunState {
  let { trainers } = state;
  for (const { trainer: id, trust } of trusts) {
    const trainer = find(trainers, id);
    if (trainer !== undefined) trainers = put(trainers, id, { ...trainer, trust });
  }
  return { ...state, trainers };
}

function withPenalties(state: RunState, { penalties }: Outcome): RunState {
  let { trainers, validators } = state;
  for (const { actor, jailedUntilRound } of penalties) {
    const jailed = <M extends { jailedUntilRound: number }>(member: M): M => ({
      ...member,
      jailedUntilRound: Math.max(member.jailedUntilRound, jailedUntilRound),
    });
    const trainer = find(trainers, actor);
    if (trainer !== undefined) trainers = put(trainers, actor, jailed(trainer));
    const validator = find(validators, actor);
    if (validator !== undefined) validators = put(validators, actor, jailed(validator));
  }
  return { ...state, trainers, validators };
}

/**
 * Trainers with an update in the lineup have taken part, with the newest of its bases; the others have missed the round,
 * if it asked them. Counted from the lineup on the ledger and not from the receipts seen, so that followers agree on it.
 */
function countTrainers(state: RunState, round: Round, entries: readonly Entry[]): RunState {
  const bases = new Map<string, number>();
  for (const { trainer, base } of entries) bases.set(trainer, Math.max(base, bases.get(trainer) ?? 0));
  const trainers = mapValues(state.trainers, (trainer) => {
    const base = bases.get(trainer.id);
    if (base !== undefined)
      return { ...trainer, missedRounds: 0, progress: Math.max(trainer.progress, base) };
    return isAsked(state.config, trainer, round)
      ? { ...trainer, missedRounds: trainer.missedRounds + 1 }
      : trainer;
  });
  return { ...state, trainers };
}

/** A void round leaves receipts and trusts as they are; who was missing is counted, if it was open at all. */
export function roundVoided(state: RunState, { round: number }: EventOf<'roundVoided'>): RunState {
  const { stage } = state;
  const voided = { ...state, rounds: number + 1, voidRounds: state.voidRounds + 1 };
  if (stage.kind !== 'round') return voided;
  const { phase } = stage.round;
  return countTrainers(voided, stage.round, 'lineup' in phase ? phase.lineup.entries : []);
}
