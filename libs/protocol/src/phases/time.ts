import { proposers } from '../committee.ts';
import type { InputOf } from '../inputs.ts';
import { deadline, type Phase, type Round } from '../state.ts';
import { nameOf } from '../waiting.ts';
import { commitOverdue, openingOverdue, revealOverdue } from './ballots.ts';
import { voidRound } from './boundary.ts';
import { lineupOverdue } from './lineup.ts';
import { settlementOverdue } from './settlement.ts';
import { trainingOverdue } from './training.ts';
import { ask, type Refusal, roundOf, tell, type Turn } from './turn.ts';

/** Moves on to the named next state if the deadline has passed. Every state but the ends has one. */
export function passTime(turn: Turn): void {
  const dueMs = deadline(turn.state);
  if (dueMs === null || dueMs > turn.atMs) return;
  ask(turn, { kind: 'closePhase', to: 'anybody', of: nameOf(turn.state) });
  const { stage } = turn.state;
  switch (stage.kind) {
    case 'created':
      tell(turn, { kind: 'runHalted', reason: 'notFunded' });
      return;
    case 'gathering':
      tell(turn, { kind: 'runHalted', reason: 'tooFewMembers' });
      return;
    case 'paused':
      tell(turn, { kind: 'runFinished', reason: 'pausedTooLong' });
      return;
    case 'round':
      phaseOverdue(turn, stage.round);
      return;
    case 'finished':
    case 'halted':
  }
}

function phaseOverdue(turn: Turn, round: Round): void {
  const { phase } = round;
  switch (phase.kind) {
    case 'training':
      trainingOverdue(turn, round, phase);
      return;
    case 'lineup':
      lineupOverdue(turn, round, phase);
      return;
    case 'opening':
      openingOverdue(turn, round);
      return;
    case 'commit':
      commitOverdue(turn, round, phase);
      return;
    case 'reveal':
      revealOverdue(turn, round, phase);
      return;
    case 'settlement':
      settlementOverdue(turn, round, phase);
  }
}

const order: readonly Phase['kind'][] = ['training', 'lineup', 'opening', 'commit', 'reveal', 'settlement'];

/** The ledger's own deadline of a phase: the one that counts, whatever this follower has worked out. */
export function onDeadline(turn: Turn, input: InputOf<'deadline'>): Refusal {
  const round = roundOf(turn, input.round);
  if (typeof round === 'string') return round;
  const { phase } = round;
  const ahead = order.indexOf(input.phase) - order.indexOf(phase.kind);
  // For the ledger, the wait for the lineup begins when the round opens.
  const isLineup = input.phase === 'lineup' && (phase.kind === 'training' || phase.kind === 'lineup');
  if (ahead !== 0 && !isLineup) return ahead < 0 ? 'stale' : 'early';
  const isLastTurn = phase.kind === 'lineup' && phase.attempt + 1 >= proposers(turn.state, round.number);
  const dueMs = isLineup && !isLastTurn ? phase.dueMs : input.dueMs;
  const lineupByMs = isLineup ? input.dueMs : round.lineupByMs;
  if (dueMs === phase.dueMs && lineupByMs === round.lineupByMs) return 'duplicate';
  tell(turn, { kind: 'deadlineMoved', round: input.round, phase: phase.kind, dueMs, lineupByMs });
  return null;
}

/** The ledger has given the round up. */
export function onVoid(turn: Turn, input: InputOf<'void'>): Refusal {
  const round = roundOf(turn, input.round);
  if (typeof round === 'string') return round;
  voidRound(turn, 'ledger');
  return null;
}
