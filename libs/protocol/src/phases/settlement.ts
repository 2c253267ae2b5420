import type { RunConfig } from '../config.ts';
import { previewDuties, signCertificate } from '../duties.ts';
import type { InputOf } from '../inputs.ts';
import { modelSigners } from '../signatures.ts';
import { openRound, type Round, type RunState, type SettlementPhase } from '../state.ts';
import { find, put } from '../table.ts';
import { passBoundary } from './boundary.ts';
import { accuse, ask, askDuties, isSeated, type Refusal, roundOf, tell, type Turn } from './turn.ts';

/**
 * The last deadline of a settlement, if the ledger begins it at the given instant. With all ballots here, the ledger may
 * still be waiting for them: it begins when its reveal phase ends at the latest, and takes a settlement before that too.
 */
export function settleByMs({ config }: RunState, beginsMs: number): number {
  return beginsMs + (config.maxProposers + 1) * config.windows.settlementMs;
}

/** A turn to settle: how many proposers were before, and when it ends. */
type SettlementTurn = Pick<SettlementPhase, 'attempt' | 'dueMs'>;

/**
 * SettlementTurn turn it is, counted back from the last deadline as the ledger counts: a window for each proposer, the last one for
 * anybody.
 */
function turnAt(config: RunConfig, byMs: number, atMs: number): SettlementTurn {
  const left = Math.max(0, Math.floor((byMs - atMs) / config.windows.settlementMs));
  return turnOf(config, byMs, Math.max(0, config.maxProposers - left));
}

function turnOf({ maxProposers, windows }: RunConfig, byMs: number, attempt: number): SettlementTurn {
  return { attempt, dueMs: Math.max(0, byMs - (maxProposers - attempt) * windows.settlementMs) };
}

const lastDueMs = ({ maxProposers, windows }: RunConfig, { attempt, dueMs }: SettlementTurn): number =>
  dueMs + (maxProposers - attempt) * windows.settlementMs;

export function openSettlement(
  turn: Turn,
  round: Round,
  byMs: number,
  because: 'complete' | 'deadline',
): void {
  const now = turnAt(turn.state.config, byMs, turn.atMs);
  tell(turn, { kind: 'phaseOpened', round: round.number, phase: 'settlement', ...now, because });
  const phase = openRound(turn.state)?.phase;
  if (phase?.kind === 'settlement')
    tell(turn, { kind: 'ballotsTallied', round: round.number, tallies: phase.tallies });
  askDuties(turn);
}

/** The open round in its settlement phase; else why not. */
function settlingRound(turn: Turn, number: number): (Round & { phase: SettlementPhase }) | 'stale' | 'early' {
  const round = roundOf(turn, number);
  if (typeof round === 'string') return round;
  const { phase } = round;
  return phase.kind === 'settlement' ? { ...round, phase } : 'early';
}

/**
 * What the contract says the settlement will be: verdicts, trusts and money have one implementation, and it is there. A later
 * word of it counts: until the ledger's settlement begins, a ballot seen here may still miss its deadline there.
 */
export function onPreview(turn: Turn, { round: number, outcome, parent }: InputOf<'preview'>): Refusal {
  const round = settlingRound(turn, number);
  if (typeof round === 'string') return round;
  const { phase } = round;
  if (outcome.verdicts.length !== phase.lineup.entries.length) return 'wrongLength';
  if (phase.preview?.parent === parent) return 'duplicate';
  tell(turn, { kind: 'settlementPreviewed', round: number, outcome, parent });
  askDuties(turn);
  return null;
}

export function onMerged(turn: Turn, { round: number, validator, model }: InputOf<'merged'>): Refusal {
  const round = settlingRound(turn, number);
  if (typeof round === 'string') return round;
  const { phase } = round;
  if (!isSeated(turn.state, validator)) return 'notInCommittee';
  if (phase.preview === null) return 'early';
  const known = find(phase.merged, validator);
  if (known !== undefined) return known === model ? 'duplicate' : 'conflicting';
  tell(turn, { kind: 'updatesMerged', round: number, validator, model });
  if (find(phase.signatures, validator) === undefined)
    ask(turn, signCertificate(round, phase.preview, validator, model));
  return null;
}

export function onCertificateSignature(turn: Turn, input: InputOf<'certificateSignature'>): Refusal {
  const { round: number, parent, validator, model } = input;
  const round = settlingRound(turn, number);
  if (typeof round === 'string') return round;
  const { phase } = round;
  if (phase.preview === null) return 'early';
  if (phase.preview.parent !== parent) return 'otherParent';
  if (!isSeated(turn.state, validator)) return 'notInCommittee';
  const said = find(phase.signatures, validator);
  if (said !== undefined) {
    const slot = { kind: 'certificate', round: number, attempt: 0, parent } as const;
    return said === model ? 'duplicate' : accuse(turn, validator, slot, said, model);
  }
  tell(turn, { kind: 'certificateSigned', round: number, validator, model });
  const signers = modelSigners(turn.state, round, put(phase.signatures, validator, model), model);
  if (phase.certified === null && signers !== null) {
    tell(turn, { kind: 'modelCertified', round: number, model, signers });
    askDuties(turn);
  }
  return null;
}

/**
 * The round is settled on the ledger: that is final, wherever this follower stands. With a certificate the model is
 * released; without, verdicts, rewards and penalties stand and the model stays.
 */
export function onSettlement(turn: Turn, { round: number, outcome, model }: InputOf<'settlement'>): Refusal {
  const round = roundOf(turn, number);
  if (typeof round === 'string') return round;
  if (!('lineup' in round.phase)) return 'early';
  if (outcome.verdicts.length !== round.phase.lineup.entries.length) return 'wrongLength';
  tell(turn, { kind: 'roundSettled', round: number, outcome, released: model !== null });
  if (model !== null) {
    const released = { version: turn.state.version + 1, model };
    tell(turn, { kind: 'modelReleased', round: number, ...released });
    ask(turn, { kind: 'announceRelease', to: 'anybody', ...released });
  }
  passBoundary(turn);
  return null;
}

/** Next proposer, then anybody. */
export function settlementOverdue(turn: Turn, round: Round, phase: SettlementPhase): void {
  const { config } = turn.state;
  const byMs = lastDueMs(config, phase);
  const attempt = Math.max(phase.attempt + 1, turnAt(config, byMs, turn.atMs).attempt);
  tell(turn, {
    kind: 'phaseOpened',
    round: round.number,
    phase: 'settlement',
    ...turnOf(config, byMs, attempt),
    because: 'deadline',
  });
  askDuties(turn);
}

/** The ledger's settlement ends then: its turns may not be those that were worked out here. */
export function moveSettlement(turn: Turn, round: Round, phase: SettlementPhase, byMs: number): void {
  const { lineupByMs, number } = round;
  if (byMs === lastDueMs(turn.state.config, phase)) return;
  const now = turnAt(turn.state.config, byMs, turn.atMs);
  tell(turn, { kind: 'deadlineMoved', round: number, phase: 'settlement', ...now, lineupByMs });
  if (now.attempt !== phase.attempt) askDuties(turn);
  if (phase.preview !== null) ask(turn, ...previewDuties(round, { ...phase, ...now }));
}
