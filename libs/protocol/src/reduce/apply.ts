import type { Event } from '../events.ts';
import type { RunState } from '../state.ts';
import { entryKey } from '../state.ts';
import { put } from '../table.ts';
import { signatureKey } from '../signatures.ts';
import * as members from './members.ts';
import * as phases from './phases.ts';
import { inPhase } from './round.ts';
import * as settlement from './settlement.ts';

/** The state after an event. `step` changes the state in no other way, so a log of events is the state. */
export function apply(state: RunState, event: Event): RunState {
  if (event.kind === 'inputRejected') {
    // Counted and nothing else: not even the clock moves.
    const { rejections } = state;
    return { ...state, rejections: { ...rejections, [event.code]: (rejections[event.code] ?? 0) + 1 } };
  }
  const next = change(state, event);
  return next.nowMs === event.atMs ? next : { ...next, nowMs: event.atMs };
}

/** The state that a log of events leads to. */
export function replay(state: RunState, events: Iterable<Event>): RunState {
  let current = state;
  for (const event of events) current = apply(current, event);
  return current;
}

function change(state: RunState, event: Exclude<Event, { kind: 'inputRejected' }>): RunState {
  switch (event.kind) {
    // the run
    case 'runFunded':
    case 'gatheringOpened':
      return { ...state, stage: { kind: 'gathering', dueMs: event.dueMs } };
    case 'runPaused':
      return { ...state, stage: { kind: 'paused', dueMs: event.dueMs } };
    case 'runFinished':
      return { ...state, stage: { kind: 'finished' } };
    case 'runHalted':
      return { ...state, stage: { kind: 'halted' } };
    case 'pauseAsked':
      return { ...state, wish: 'pause' };
    case 'resumeAsked':
      return { ...state, wish: 'none' };
    case 'finishAsked':
      return { ...state, wish: 'finish' };
    // members
    case 'joinAsked':
      return members.noted(state, event.actor, {
        role: event.role,
        number: event.number,
        bondWei: event.bondWei,
        active: true,
      });
    case 'leaveAsked':
      return members.noted(state, event.actor, { role: null, active: false });
    case 'memberSuspended':
      return members.noted(state, event.actor, { active: false });
    case 'checkedIn':
      return members.noted(state, event.actor, { active: true });
    case 'bondChanged':
      return members.noted(state, event.actor, { bondWei: event.bondWei });
    case 'membersChanged':
      return members.membersChanged(state);
    case 'receiptAccepted':
      return members.receiptAccepted(state, event);
    case 'equivocationFound':
      return members.equivocationFound(state, event);
    // phases
    case 'roundOpened':
      return phases.roundOpened(state, event);
    case 'trainingExtended':
      return inPhase(state, 'training', (phase) => ({ ...phase, extended: true, dueMs: event.dueMs }));
    case 'phaseOpened':
      return phases.phaseOpened(state, event);
    case 'deadlineMoved':
      return phases.deadlineMoved(state, event);
    // lineup
    case 'lineupProposed': {
      const { attempt, proposer, lineup, entries } = event;
      // Proposing is signing.
      return phases.whileProposing(state, ({ proposals, signatures }) => ({
        proposals: put(proposals, String(attempt), { attempt, proposer, lineup, entries }),
        signatures: put(signatures, signatureKey(attempt, proposer), lineup),
      }));
    }
    case 'lineupSigned':
      return phases.whileProposing(state, ({ proposals, signatures }) => ({
        proposals,
        signatures: put(signatures, signatureKey(event.attempt, event.validator), event.lineup),
      }));
    case 'lineupPlaced':
      return phases.lineupPlaced(state, event);
    // ballots
    case 'updateOpened':
      return phases.whileScoring(state, (phase) => ({
        ...phase,
        opened: put(phase.opened, entryKey(event.trainer, event.sequence), event.intact),
      }));
    case 'updatesScored':
      return phases.whileScoring(state, (phase) => ({
        ...phase,
        scored: put(phase.scored, event.validator, true),
      }));
    case 'ballotCommitted':
      return phases.whileScoring(state, (phase) => ({
        ...phase,
        commitments: put(phase.commitments, event.validator, event.commitment),
      }));
    case 'ballotRevealed':
      return inPhase(state, 'reveal', (phase) => ({
        ...phase,
        ballots: put(phase.ballots, event.validator, event.scores),
      }));
    case 'ballotsTallied':
      return state;
    // settlement
    case 'settlementPreviewed': {
      const { outcome, parent } = event;
      // What was signed for another outcome is worth nothing.
      const afresh = { merged: null, signatures: null, certified: null };
      return inPhase(state, 'settlement', (phase) => ({ ...phase, ...afresh, preview: { outcome, parent } }));
    }
    case 'updatesMerged':
      return inPhase(state, 'settlement', (phase) => ({
        ...phase,
        merged: put(phase.merged, event.validator, event.model),
      }));
    case 'certificateSigned':
      return inPhase(state, 'settlement', (phase) => ({
        ...phase,
        signatures: put(phase.signatures, event.validator, event.model),
      }));
    case 'modelCertified': {
      const { model, signers } = event;
      return inPhase(state, 'settlement', (phase) => ({ ...phase, certified: { model, signers } }));
    }
    case 'roundSettled':
      return settlement.roundSettled(state, event);
    case 'modelReleased':
      return { ...state, version: event.version, release: event.model };
    case 'roundVoided':
      return settlement.roundVoided(state, event);
  }
}
