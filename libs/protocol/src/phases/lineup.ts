import { proposer } from '../committee.ts';
import { placeLineup, proposeLineup, signLineup } from '../duties.ts';
import type { InputOf } from '../inputs.ts';
import { isKnown, isOrdered, isTooFarAhead, missingFrom } from '../lineup.ts';
import { lineupSigners, signatureKey } from '../signatures.ts';
import type { RejectionCode } from '../rejections.ts';
import {
  type Entry,
  type LineupPhase,
  openRound,
  type Proposal,
  type Round,
  type TrainingPhase,
} from '../state.ts';
import type { Slot } from '../statements.ts';
import { find } from '../table.ts';
import { accuse, ask, askDuties, isSeated, type Refusal, roundOf, tell, type Turn } from './turn.ts';

type AboutLineup = Pick<InputOf<'proposal'>, 'round' | 'attempt' | 'parent'>;

/** The open round if a statement about its lineup has its place there now; else why not. */
function proposing(
  turn: Turn,
  { round: number, attempt, parent }: AboutLineup,
): (Round & { phase: TrainingPhase | LineupPhase }) | RejectionCode {
  const round = roundOf(turn, number);
  if (typeof round === 'string') return round;
  const { phase } = round;
  if (phase.kind !== 'training' && phase.kind !== 'lineup') return 'stale';
  if (parent !== round.parent) return 'otherParent';
  return attempt < turn.state.config.maxProposers ? { ...round, phase } : 'notProposer';
}

const slotOf = ({ round, attempt, parent }: AboutLineup): Slot => ({
  kind: 'lineup',
  round,
  attempt,
  parent,
});

/** A proposer's lineup; the proposal is its signature. */
export function onProposal(turn: Turn, input: InputOf<'proposal'>): Refusal {
  const open = proposing(turn, input);
  if (typeof open === 'string') return open;
  const { phase } = open;
  const { round, attempt, lineup, entries } = input;
  if (proposer(turn.state, round, attempt) !== input.proposer) return 'notProposer';
  const said = find(phase.signatures, signatureKey(attempt, input.proposer));
  if (said !== undefined && said !== lineup) return accuse(turn, input.proposer, slotOf(input), said, lineup);
  if (find(phase.proposals, String(attempt)) !== undefined) return 'duplicate';
  if (!isOrdered(turn.state.trainers, entries, turn.state.config.maxLineup)) return 'malformed';
  if (!isKnown(turn.state.trainers, entries)) return 'unknownReceipt';
  if (isTooFarAhead(turn.state, open, entries)) return 'tooFarAhead';
  tell(turn, { kind: 'lineupProposed', round, attempt, proposer: input.proposer, lineup, entries });
  if (phase.kind === 'training') return null;
  askAbout(turn, { attempt, proposer: input.proposer, lineup, entries });
  // It is kept all the same: a second one in its slot would be equivocation.
  return shareMissing(turn, entries) ? 'incomplete' : null;
}

/** Asks for a new proposal's signatures, or, where they came before it, for its place on the ledger. */
function askAbout(turn: Turn, proposal: Proposal): void {
  const round = openRound(turn.state);
  if (round?.phase.kind !== 'lineup') return;
  const placing = placeLineup(turn.state, round, round.phase, proposal);
  ask(turn, ...(placing.length > 0 ? placing : signLineup(turn.state, round, round.phase, proposal)));
}

/** Shows everybody the receipts that a proposal leaves out, so that the next proposer has them. True if there are any. */
export function shareMissing(turn: Turn, entries: readonly Entry[]): boolean {
  const phase = openRound(turn.state)?.phase;
  const receipts = phase?.kind === 'lineup' ? missingFrom(turn.state, phase.required, entries) : [];
  if (receipts.length > 0) ask(turn, { kind: 'shareReceipts', to: 'anybody', receipts });
  return receipts.length > 0;
}

export function onLineupSignature(turn: Turn, input: InputOf<'lineupSignature'>): Refusal {
  const open = proposing(turn, input);
  if (typeof open === 'string') return open;
  const { phase } = open;
  const { round, attempt, validator, lineup } = input;
  if (!isSeated(turn.state, validator)) return 'notInCommittee';
  const said = find(phase.signatures, signatureKey(attempt, validator));
  if (said !== undefined)
    return said === lineup ? 'duplicate' : accuse(turn, validator, slotOf(input), said, lineup);
  tell(turn, { kind: 'lineupSigned', round, attempt, validator, lineup });
  const proposal = find(phase.proposals, String(attempt));
  if (phase.kind === 'lineup' && proposal !== undefined) askToPlace(turn, proposal, phase);
  return null;
}

/** Asks for a place on the ledger if the quorum is there and was not there before. */
function askToPlace(turn: Turn, proposal: Proposal, before: LineupPhase): void {
  const round = openRound(turn.state);
  if (
    round?.phase.kind !== 'lineup' ||
    lineupSigners(turn.state, round, before.signatures, proposal) !== null
  )
    return;
  ask(turn, ...placeLineup(turn.state, round, round.phase, proposal));
}

/** The lineup stands on the ledger, with a quorum's signatures: whatever this follower thinks of it, it is the lineup. */
export function onLineup(turn: Turn, { round: number, lineup, entries }: InputOf<'lineup'>): Refusal {
  const round = roundOf(turn, number);
  if (typeof round === 'string') return round;
  if ('lineup' in round.phase) return round.phase.lineup.digest === lineup ? 'duplicate' : 'conflicting';
  const { maxLineup, windows } = turn.state.config;
  if (!isOrdered(turn.state.trainers, entries, maxLineup)) return 'malformed';
  tell(turn, { kind: 'lineupPlaced', round: number, lineup, entries, dueMs: turn.atMs + windows.openingMs });
  askDuties(turn);
  return null;
}

/** When a proposer's turn ends; the last one's, when the round has to have a lineup. */
export function lineupDueMs(turn: Turn, round: Round, attempt: number): number {
  const { maxProposers, windows } = turn.state.config;
  return attempt + 1 < maxProposers ? turn.atMs + windows.lineupMs : round.lineupByMs;
}

/** Next proposer. */
export function lineupOverdue(turn: Turn, round: Round, phase: LineupPhase): void {
  const attempt = phase.attempt + 1;
  const dueMs = lineupDueMs(turn, round, attempt);
  tell(turn, {
    kind: 'phaseOpened',
    round: round.number,
    phase: 'lineup',
    attempt,
    dueMs,
    because: 'deadline',
  });
  askToPropose(turn);
}

/** Asks the proposer whose turn it is. */
export function askToPropose(turn: Turn): void {
  const round = openRound(turn.state);
  if (round?.phase.kind === 'lineup') ask(turn, ...proposeLineup(turn.state, round, round.phase));
}
