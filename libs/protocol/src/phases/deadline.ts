import type { Round } from '../state.ts';
import { tell, type Turn } from './turn.ts';

/** The open phase ends at another instant than was said. */
export function moveDeadline(turn: Turn, round: Round, dueMs: number, lineupByMs = round.lineupByMs): void {
  const { number, phase } = round;
  if (dueMs === phase.dueMs && lineupByMs === round.lineupByMs) return;
  tell(turn, {
    kind: 'deadlineMoved',
    round: number,
    phase: phase.kind,
    attempt: phase.attempt,
    dueMs,
    lineupByMs,
  });
}
