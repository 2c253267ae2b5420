import { commitBallot } from '../duties.ts';
import type { InputOf } from '../inputs.ts';
import {
  type CommitPhase,
  entryKey,
  type OpeningPhase,
  openRound,
  type RevealPhase,
  type Round,
} from '../state.ts';
import { find, sizeOf } from '../table.ts';
import { openSettlement, settleByMs } from './settlement.ts';
import { ask, askDuties, isSeated, type Refusal, roundOf, tell, type Turn } from './turn.ts';

type Because = 'complete' | 'deadline';
type ScoringPhase = OpeningPhase | CommitPhase | RevealPhase;

/** The open round in a phase in which updates are opened and scored; else why not. */
function scoringRound(turn: Turn, number: number): (Round & { phase: ScoringPhase }) | 'stale' | 'early' {
  const round = roundOf(turn, number);
  if (typeof round === 'string') return round;
  const { phase } = round;
  if (phase.kind === 'training' || phase.kind === 'lineup') return 'early';
  return phase.kind === 'settlement' ? 'stale' : { ...round, phase };
}

/** A Trainer's key is there, and the update has been checked against its receipt. */
export function onOpened(
  turn: Turn,
  { round: number, trainer, sequence, intact }: InputOf<'opened'>,
): Refusal {
  const round = scoringRound(turn, number);
  if (typeof round === 'string') return round;
  const { phase } = round;
  const isEntry = phase.lineup.entries.some(
    (entry) => entry.trainer === trainer && entry.sequence === sequence,
  );
  if (!isEntry) return 'notInLineup';
  const known = find(phase.opened, entryKey(trainer, sequence));
  if (known !== undefined) return known === intact ? 'duplicate' : 'conflicting';
  if (phase.kind !== 'opening') return 'stale';
  tell(turn, { kind: 'updateOpened', round: number, trainer, sequence, intact });
  if (sizeOf(phase.opened) + 1 === phase.lineup.entries.length) openCommit(turn, round, phase, 'complete');
  return null;
}

/**
 * The commit phase ends where the ledger, which does not see keys, ends it: counted from the opening phase's deadline,
 * however early all updates were open.
 */
export function openCommit(turn: Turn, round: Round, phase: OpeningPhase, because: Because): void {
  const dueMs = phase.dueMs + turn.state.config.windows.commitMs;
  tell(turn, { kind: 'phaseOpened', round: round.number, phase: 'commit', attempt: 0, dueMs, because });
  askDuties(turn);
  revealWhenAllCommitted(turn);
}

export function onScored(turn: Turn, { round: number, validator }: InputOf<'scored'>): Refusal {
  const round = scoringRound(turn, number);
  if (typeof round === 'string') return round;
  const { phase } = round;
  if (!isSeated(turn.state, validator)) return 'notInCommittee';
  if (find(phase.scored, validator) === true || find(phase.commitments, validator) !== undefined)
    return 'duplicate';
  if (phase.kind === 'reveal') return 'stale';
  tell(turn, { kind: 'updatesScored', round: number, validator });
  if (phase.kind === 'commit') ask(turn, commitBallot(round, phase.lineup, validator));
  return null;
}

/** A commitment on the ledger. One that is there before this follower has all keys counts all the same. */
export function onCommit(turn: Turn, { round: number, validator, commitment }: InputOf<'commit'>): Refusal {
  const round = scoringRound(turn, number);
  if (typeof round === 'string') return round;
  const { phase } = round;
  if (!isSeated(turn.state, validator)) return 'notInCommittee';
  const known = find(phase.commitments, validator);
  if (known !== undefined) return known === commitment ? 'duplicate' : 'conflicting';
  if (phase.kind === 'reveal') return 'stale';
  tell(turn, { kind: 'ballotCommitted', round: number, validator, commitment });
  revealWhenAllCommitted(turn);
  return null;
}

function revealWhenAllCommitted(turn: Turn): void {
  const round = openRound(turn.state);
  if (round?.phase.kind !== 'opening' && round?.phase.kind !== 'commit') return;
  if (sizeOf(round.phase.commitments) === round.committee.length)
    openReveal(turn, round, turn.atMs + turn.state.config.windows.revealMs, 'complete');
}

export function openReveal(turn: Turn, round: Round, dueMs: number, because: Because): void {
  tell(turn, { kind: 'phaseOpened', round: round.number, phase: 'reveal', attempt: 0, dueMs, because });
  askDuties(turn);
}

/** A ballot that is what its Validator has committed to, from the ledger or, before it is there, from the Validator. */
export function onReveal(turn: Turn, { round: number, validator, scores }: InputOf<'reveal'>): Refusal {
  const round = scoringRound(turn, number);
  if (typeof round === 'string') return round;
  const { phase } = round;
  if (phase.kind !== 'reveal') return 'early';
  if (!isSeated(turn.state, validator)) return 'notInCommittee';
  if (find(phase.commitments, validator) === undefined) return 'notCommitted';
  if (scores.length !== phase.lineup.entries.length) return 'wrongLength';
  const known = find(phase.ballots, validator);
  if (known !== undefined)
    return known.every((score, i) => score === scores[i]) ? 'duplicate' : 'conflicting';
  tell(turn, { kind: 'ballotRevealed', round: number, validator, scores });
  if (sizeOf(phase.ballots) + 1 === sizeOf(phase.commitments))
    openSettlement(turn, round, settleByMs(turn.state, phase.dueMs), 'complete');
  return null;
}
