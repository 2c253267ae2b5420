import { clockOf } from '../clock.ts';
import type { InputOf } from '../inputs.ts';
import { deadline, type Phase, type Round } from '../state.ts';
import { nameOf } from '../waiting.ts';
import { openCommit, openReveal } from './ballots.ts';
import { moveDeadline } from './deadline.ts';
import { lineupOverdue } from './lineup.ts';
import { moveSettlement, openSettlement, settlementOverdue } from './settlement.ts';
import { trainingOverdue } from './training.ts';
import { ask, type Refusal, roundOf, tell, type Turn } from './turn.ts';

/**
 * If the deadline has passed: one that is the follower's own moves it on; one that the ledger keeps never does. There the
 * phase stays open until somebody closes it, and what happens until then counts, so a follower that went ahead could part
 * from the others for ever. It asks for the closing, and moves on with what the ledger says next.
 */
export function passTime(turn: Turn, isTime: boolean): void {
  const dueMs = deadline(turn.state);
  if (dueMs === null || dueMs > turn.atMs) return;
  const { stage } = turn.state;
  if (stage.kind === 'round' && clockOf(turn.state) === 'own') phaseOverdue(turn, stage.round);
  else if (isTime && stage.kind === 'created') tell(turn, { kind: 'runHalted', reason: 'notFunded' });
  else if (isTime) ask(turn, { kind: 'closePhase', to: 'anybody', of: nameOf(turn.state) });
}

function phaseOverdue(turn: Turn, round: Round): void {
  const { phase } = round;
  if (phase.kind === 'training') trainingOverdue(turn, round, phase);
  if (phase.kind === 'lineup') lineupOverdue(turn, round, phase);
  if (phase.kind === 'opening') openCommit(turn, round, phase, 'deadline');
  if (phase.kind === 'settlement') settlementOverdue(turn, round, phase);
}

const order: readonly Phase['kind'][] = ['training', 'lineup', 'opening', 'commit', 'reveal', 'settlement'];

/**
 * A phase has begun on the ledger and ends there at that instant. Where the ledger is one ahead, it has closed the phase
 * before, and this follower goes with it. In the same phase its deadline is the one that counts.
 */
export function onDeadline(turn: Turn, { round: number, phase: begun, dueMs }: InputOf<'deadline'>): Refusal {
  const round = roundOf(turn, number);
  if (typeof round === 'string') return round;
  const { phase } = round;
  const { windows, maxProposers } = turn.state.config;
  if (begun === 'lineup' && (phase.kind === 'training' || phase.kind === 'lineup')) {
    // For the ledger, the wait for the lineup begins when the round opens.
    const isLast = phase.kind === 'lineup' && phase.attempt + 1 >= maxProposers;
    moveDeadline(turn, round, isLast ? dueMs : phase.dueMs, dueMs);
  } else if (begun === 'commit' && phase.kind === 'opening') {
    // The ledger does not see keys: opening and commit are one phase there.
    moveDeadline(turn, round, Math.max(0, dueMs - windows.commitMs));
  } else if (begun === 'reveal' && (phase.kind === 'opening' || phase.kind === 'commit'))
    openReveal(turn, round, dueMs, 'deadline');
  else if (begun === 'settlement' && phase.kind === 'reveal') openSettlement(turn, round, dueMs, 'deadline');
  else if (begun === 'settlement' && phase.kind === 'settlement') moveSettlement(turn, round, phase, dueMs);
  else if (begun === phase.kind) moveDeadline(turn, round, dueMs);
  else return order.indexOf(begun) < order.indexOf(phase.kind) ? 'stale' : 'early';
  return null;
}
