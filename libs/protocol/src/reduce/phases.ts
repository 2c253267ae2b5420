import type { EventOf } from '../events.ts';
import { lineupOf } from '../lineup.ts';
import {
  type CommitPhase,
  type LineupPhase,
  type OpeningPhase,
  type Phase,
  type RevealPhase,
  type Round,
  type RunState,
} from '../state.ts';
import { tableOf } from '../table.ts';
import { committeeTallies } from '../ballots.ts';
import { attend, inPhase, withRound } from './round.ts';

export function roundOpened(state: RunState, event: EventOf<'roundOpened'>): RunState {
  const round = attend(state.config, state.trainers, {
    number: event.round,
    draw: event.draw,
    parent: state.release,
    version: state.version,
    lineupByMs: event.lineupByMs,
    committee: event.committee,
    sampled: event.sampled === null ? null : tableOf(event.sampled.map((id) => [id, true] as const)),
    phase: {
      kind: 'training',
      attempt: 0,
      dueMs: event.dueMs,
      extended: false,
      proposals: null,
      signatures: null,
    },
  });
  return { ...state, stage: { kind: 'round', round }, rounds: event.round + 1 };
}

export function phaseOpened(state: RunState, event: EventOf<'phaseOpened'>): RunState {
  const { stage } = state;
  if (stage.kind !== 'round') return state;
  const { round } = stage;
  const next = nextPhase(state, round, event);
  if (next === null) return state;
  return withRound(state, () => ({ ...round, phase: next }));
}

function nextPhase(
  state: RunState,
  round: Round,
  { phase, attempt, dueMs }: EventOf<'phaseOpened'>,
): Phase | null {
  const from = round.phase;
  switch (phase) {
    case 'lineup': {
      if (from.kind !== 'training' && from.kind !== 'lineup') return null;
      const required = from.kind === 'lineup' ? from.required : lineupOf(state, round);
      const { proposals, signatures } = from;
      return { kind: 'lineup', attempt, dueMs, required, proposals, signatures };
    }
    case 'commit':
      return from.kind === 'opening' ? { ...from, kind: 'commit', dueMs } : null;
    case 'reveal':
      return from.kind === 'commit' || from.kind === 'opening'
        ? { ...from, kind: 'reveal', dueMs, ballots: null }
        : null;
    case 'settlement':
      if (from.kind === 'settlement') return { ...from, attempt, dueMs };
      if (from.kind !== 'reveal') return null;
      return {
        kind: 'settlement',
        attempt,
        dueMs,
        lineup: from.lineup,
        tallies: committeeTallies(round, from),
        preview: null,
        merged: null,
        signatures: null,
        certified: null,
      };
  }
}

export function lineupPlaced(state: RunState, { lineup, entries, dueMs }: EventOf<'lineupPlaced'>): RunState {
  const { stage } = state;
  if (stage.kind !== 'round') return state;
  const { round } = stage;
  const phase: OpeningPhase = {
    kind: 'opening',
    attempt: 0,
    dueMs,
    lineup: { digest: lineup, entries },
    opened: null,
    scored: null,
    commitments: null,
  };
  return withRound(state, () => ({ ...round, phase }));
}

export function deadlineMoved(state: RunState, event: EventOf<'deadlineMoved'>): RunState {
  const { attempt, dueMs, lineupByMs } = event;
  return withRound(state, (round) => ({ ...round, lineupByMs, phase: { ...round.phase, attempt, dueMs } }));
}

/** A change to the lineups proposed, in the phases in which they are. */
export function whileProposing(
  state: RunState,
  change: (
    phase: Pick<LineupPhase, 'proposals' | 'signatures'>,
  ) => Pick<LineupPhase, 'proposals' | 'signatures'>,
): RunState {
  const early = inPhase(state, 'training', (phase) => ({ ...phase, ...change(phase) }));
  return inPhase(early, 'lineup', (phase) => ({ ...phase, ...change(phase) }));
}

/** A change to what Validators have done so far, in any phase in which they score and vote. */
export function whileScoring(
  state: RunState,
  change: (phase: OpeningPhase | CommitPhase | RevealPhase) => OpeningPhase | CommitPhase | RevealPhase,
): RunState {
  return inPhase(inPhase(inPhase(state, 'opening', change), 'commit', change), 'reveal', change);
}
