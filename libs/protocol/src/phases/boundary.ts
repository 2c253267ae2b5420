import { sampled } from '../committee.ts';
import { openRoundDuty, trainingDuties } from '../duties.ts';
import { drawOf } from '../election.ts';
import type { VoidReason } from '../events.ts';
import type { InputOf } from '../inputs.ts';
import { nextRoster } from '../roster.ts';
import { schemeOf } from '../schemes/index.ts';
import { openRound, type RunState } from '../state.ts';
import { ask, type Refusal, tell, type Turn } from './turn.ts';

/** The ledger has given a round up, an open one or the one that it waited for members to open. */
export function onVoid(turn: Turn, { round }: InputOf<'void'>): Refusal {
  const { stage, rounds } = turn.state;
  if (stage.kind !== 'round' && stage.kind !== 'gathering') return round < rounds ? 'stale' : 'early';
  const current = stage.kind === 'round' ? stage.round.number : rounds;
  if (round !== current) return round < current ? 'stale' : 'early';
  tell(turn, { kind: 'roundVoided', round, reason: reasonOf(turn.state) });
  if (turn.state.voidRounds >= turn.state.config.maxVoidRounds)
    tell(turn, { kind: 'runHalted', reason: 'tooManyVoidRounds' });
  else passBoundary(turn);
  return null;
}

/** Why the ledger gives up what this follower is in. */
function reasonOf(state: RunState): VoidReason {
  const round = openRound(state);
  if (round === null) return 'tooFewMembers';
  switch (round.phase.kind) {
    case 'training':
    case 'lineup':
      return round.attendance.ready === 0 ? 'noReceipts' : 'noLineup';
    case 'opening':
    case 'commit':
      return 'tooFewCommits';
    case 'reveal':
      return 'tooFewReveals';
    case 'settlement':
      return 'notSettled';
  }
}

/** After a round: the Sponsor's wishes are met, or the run gathers for the next one. */
export function passBoundary(turn: Turn): void {
  const { config } = turn.state;
  if (meetWishes(turn)) return;
  tell(turn, { kind: 'gatheringOpened', dueMs: turn.atMs + config.windows.gatheringMs });
  askToOpen(turn);
}

/** True if the run does not go on: it is finished, or pauses. */
export function meetWishes(turn: Turn): boolean {
  const { config, stage, wish, rounds } = turn.state;
  if (wish === 'finish') tell(turn, { kind: 'runFinished', reason: 'asked' });
  else if (rounds >= config.maxRounds) tell(turn, { kind: 'runFinished', reason: 'allRounds' });
  else if (wish === 'none') return false;
  else if (stage.kind !== 'paused')
    tell(turn, { kind: 'runPaused', dueMs: turn.atMs + config.windows.maxPauseMs });
  return true;
}

/** The ledger opens a round as soon as somebody asks it to: when there are enough members. */
export function askToOpen(turn: Turn): void {
  ask(turn, ...openRoundDuty(turn.state));
}

/** The round is open on the ledger, with this committee: members come and go, and training begins. */
export function onOpen(turn: Turn, { round, committee }: InputOf<'open'>): Refusal {
  const { stage, rounds, config } = turn.state;
  if (round < rounds) return stage.kind === 'round' && stage.round.number === round ? 'duplicate' : 'stale';
  if (stage.kind !== 'gathering') return 'early';
  changeMembers(turn);
  const scheme = schemeOf(config.scheme);
  tell(turn, {
    kind: 'roundOpened',
    round,
    version: turn.state.version,
    dueMs: turn.atMs + scheme.windowMs,
    lineupByMs: turn.atMs + scheme.longestMs + config.maxProposers * config.windows.lineupMs,
    draw: drawOf(round, turn.state.release),
    committee,
    sampled: sampled(turn.state, round),
  });
  const opened = openRound(turn.state);
  if (opened !== null) ask(turn, ...trainingDuties(turn.state, opened));
  return null;
}

function changeMembers(turn: Turn): void {
  const { joined, left, becameActive, becameInactive } = nextRoster(turn.state);
  if (turn.state.pending === null && becameActive.length === 0 && becameInactive.length === 0) return;
  tell(turn, { kind: 'membersChanged', joined, left, becameActive, becameInactive });
}

/** The run is over on the ledger. */
export function onEnded(turn: Turn, { how }: InputOf<'ended'>): Refusal {
  tell(
    turn,
    how === 'finished' ? { kind: 'runFinished', reason: 'ledger' } : { kind: 'runHalted', reason: 'ledger' },
  );
  return null;
}
