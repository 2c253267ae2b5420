import type { EventOf } from '../events.ts';
import { schemeOf } from '../schemes/index.ts';
import type { Entry, Outcome, Round, RunState } from '../state.ts';
import { find, put } from '../table.ts';
import { countMissingBallots, countMissingTrainers } from './phases.ts';

/** Applies what the contract decided: trusts, jail, and which receipts are used. Bonds change when the ledger says so. */
export function roundSettled(state: RunState, { outcome, released }: EventOf<'roundSettled'>): RunState {
  const { stage } = state;
  if (stage.kind !== 'round' || !('lineup' in stage.round.phase)) return state;
  const { entries } = stage.round.phase.lineup;
  // Accepted updates of a settlement that released nothing go into the next lineup.
  const used = entries.filter((_, i) => released || outcome.verdicts[i]?.accepted !== true);
  return withPenalties(withTrusts(withUsed({ ...state, voidRounds: 0 }, used), outcome), outcome);
}

function withUsed(state: RunState, used: readonly Entry[]): RunState {
  const takesAll = schemeOf(state.config.scheme).takes === 'all';
  let { trainers } = state;
  for (const { trainer: id, sequence } of used) {
    const trainer = find(trainers, id);
    if (trainer === undefined) continue;
    // Where only the newest counts, those before it will never count.
    const unused = trainer.unused.filter(({ receipt }) =>
      takesAll ? receipt.sequence !== sequence : receipt.sequence > sequence,
    );
    trainers = put(trainers, id, {
      ...trainer,
      unused,
      usedSequence: Math.max(trainer.usedSequence, sequence),
    });
  }
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

/** A void round leaves receipts and trusts as they are; who was missing is counted. */
export function roundVoided(state: RunState): RunState {
  const { stage } = state;
  if (stage.kind !== 'round') return state;
  return { ...missing(state, stage.round), voidRounds: state.voidRounds + 1 };
}

function missing(state: RunState, round: Round): RunState {
  const { phase } = round;
  switch (phase.kind) {
    case 'training':
      return countMissingTrainers(state, round);
    case 'commit':
      return countMissingBallots(state, round, phase.commitments);
    case 'reveal':
      return countMissingBallots(state, round, phase.ballots);
    case 'lineup':
    case 'opening':
    case 'settlement':
      return state;
  }
}
