import { trainingDuty } from '../duties.ts';
import type { InputOf } from '../inputs.ts';
import { placeReceipt } from '../members.ts';
import { schemeOf } from '../schemes/index.ts';
import { openRound, type Round, type TrainingPhase } from '../state.ts';
import { find, valuesOf } from '../table.ts';
import { moveDeadline } from './deadline.ts';
import { askToPropose, lineupDueMs, shareMissing } from './lineup.ts';
import { accuse, ask, askDuties, type Refusal, tell, type Turn } from './turn.ts';

/** Receipts are taken in every phase; those that come after the close count in the next lineup. */
export function onReceipt(turn: Turn, { receipt }: InputOf<'receipt'>): Refusal {
  const { state } = turn;
  const trainer = find(state.trainers, receipt.trainer);
  const round = openRound(state);
  const number = round?.number ?? state.rounds;
  if (trainer === undefined)
    return find(state.pending, receipt.trainer)?.role === 'trainer' ? 'early' : 'notMember';
  if (trainer.jailedUntilRound > number) return 'jailed';
  if (receipt.base > state.version) return 'early';
  const { updatesPerRound, startsAgain } = schemeOf(state.config.scheme);
  const placed = placeReceipt(trainer, receipt, updatesPerRound);
  if (placed.kind === 'equivocation') {
    const slot = { kind: 'receipt', sequence: receipt.sequence } as const;
    if (placed.spoiled) return 'equivocation';
    // Followers who have seen only one of the two would wait for it in every lineup.
    ask(turn, { kind: 'shareReceipts', to: 'anybody', receipts: [placed.first, receipt] });
    return accuse(turn, trainer.id, slot, placed.first.digest, receipt.digest);
  }
  if (placed.kind !== 'held') return placed.kind;

  tell(turn, { kind: 'receiptAccepted', round: number, receipt });
  // The round had closed with no receipt at all: this one saves it.
  if (round?.phase.kind === 'lineup' && round.attendance.ready === 0) askToPropose(turn);
  if (round !== null && startsAgain) askToTrain(turn, round, receipt.trainer);
  return null;
}

function askToTrain(turn: Turn, round: Round, id: string): void {
  const trainer = find(turn.state.trainers, id);
  if (trainer !== undefined) ask(turn, ...trainingDuty(turn.state, round, trainer));
}

/**
 * Receipts sent at the same instant reach everybody within this time. A scheme that does not wait for all of its Trainers
 * waits this long for those of them that are on their way: otherwise every Validator would close with another few of the
 * same receipts, and sign nobody's lineup.
 */
export const inFlightMs = 250;

/** Closes the training phase if the scheme has no reason to wait: after a receipt, or at once if those carried over are enough. */
export function closeWhenComplete(turn: Turn): void {
  const round = openRound(turn.state);
  if (round?.phase.kind !== 'training') return;
  const { phase, attendance } = round;
  if (!isComplete(turn, round, phase)) return;
  const closesMs = turn.atMs + inFlightMs;
  if (attendance.present >= attendance.expected) closeTraining(turn, round, phase, 'complete');
  else if (closesMs < phase.dueMs) moveDeadline(turn, round, closesMs);
}

const isComplete = ({ state }: Turn, { attendance }: Round, { extended }: TrainingPhase): boolean =>
  schemeOf(state.config.scheme).closes(attendance, extended);

export function trainingOverdue(turn: Turn, round: Round, phase: TrainingPhase): void {
  const overdue = schemeOf(turn.state.config.scheme).overdue(round.attendance, phase.extended);
  if (overdue.kind === 'extend')
    tell(turn, { kind: 'trainingExtended', round: round.number, dueMs: turn.atMs + overdue.byMs });
  else closeTraining(turn, round, phase, isComplete(turn, round, phase) ? 'complete' : 'deadline');
}

function closeTraining(
  turn: Turn,
  round: Round,
  { proposals }: TrainingPhase,
  because: 'complete' | 'deadline',
): void {
  const dueMs = lineupDueMs(turn, round, 0);
  tell(turn, { kind: 'phaseOpened', round: round.number, phase: 'lineup', attempt: 0, dueMs, because });
  askDuties(turn);
  for (const { entries } of valuesOf(proposals)) shareMissing(turn, entries);
}
