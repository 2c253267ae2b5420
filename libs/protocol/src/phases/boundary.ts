import { candidates } from '../committee.ts';
import { trainingDuties } from '../duties.ts';
import { electionOf } from '../election.ts';
import type { VoidReason } from '../events.ts';
import { canOpen, nextRoster } from '../roster.ts';
import { schemeOf } from '../schemes/index.ts';
import { openRound } from '../state.ts';
import { ask, tell, type Turn } from './turn.ts';

/** Ends the open round without a settlement. Receipts are carried over; after too many in a row the run is halted. */
export function voidRound(turn: Turn, reason: VoidReason): void {
  const round = openRound(turn.state);
  if (round === null) return;
  tell(turn, { kind: 'roundVoided', round: round.number, reason });
  if (turn.state.voidRounds >= turn.state.config.maxVoidRounds)
    tell(turn, { kind: 'runHalted', reason: 'tooManyVoidRounds' });
  else passBoundary(turn);
}

/**
 * Between two rounds: members come and go, the Sponsor's wishes are met, and the next round opens if it can. Also run
 * whenever a member or the Sponsor does something while no round is open.
 */
export function passBoundary(turn: Turn): void {
  changeMembers(turn);
  const { config, stage, wish, rounds } = turn.state;
  if (wish === 'finish') tell(turn, { kind: 'runFinished', reason: 'asked' });
  else if (rounds >= config.maxRounds) tell(turn, { kind: 'runFinished', reason: 'allRounds' });
  else if (wish === 'pause') {
    if (stage.kind !== 'paused')
      tell(turn, { kind: 'runPaused', dueMs: turn.atMs + config.windows.maxPauseMs });
  } else if (canOpen(turn.state)) openNextRound(turn);
  else if (stage.kind !== 'gathering')
    tell(turn, { kind: 'gatheringOpened', dueMs: turn.atMs + config.windows.gatheringMs });
}

function changeMembers(turn: Turn): void {
  const { joined, left, becameActive, becameInactive } = nextRoster(turn.state);
  if (turn.state.pending === null && becameInactive.length === 0) return;
  tell(turn, { kind: 'membersChanged', joined, left, becameActive, becameInactive });
}

function openNextRound(turn: Turn): void {
  const { state } = turn;
  const { windows, maxProposers } = state.config;
  const scheme = schemeOf(state.config.scheme);
  const round = state.rounds;
  const election = electionOf(state.config);
  const available = candidates(state, round);
  tell(turn, {
    kind: 'roundOpened',
    round,
    version: state.version,
    dueMs: turn.atMs + scheme.windowMs,
    lineupByMs: turn.atMs + scheme.longestMs + maxProposers * windows.lineupMs,
    draw: available.draw,
    committee: election.committee(available, state.config.maxCommittee),
    sampled: election.sample(available, state.config.sampleSize),
  });
  const opened = openRound(turn.state);
  if (opened !== null) ask(turn, ...trainingDuties(turn.state, opened));
}
