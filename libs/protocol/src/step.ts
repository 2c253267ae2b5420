import type { Effect } from './effects.ts';
import type { Event } from './events.ts';
import { actorOf, type Input, isInput } from './inputs.ts';
import { onCommit, onOpened, onReveal, onScored } from './phases/ballots.ts';
import { onLineup, onLineupSignature, onProposal } from './phases/lineup.ts';
import { onMember, onSponsor } from './phases/members.ts';
import { onCertificateSignature, onMerged, onPreview, onSettlement } from './phases/settlement.ts';
import { onDeadline, passTime } from './phases/time.ts';
import { onEnded, onOpen, onVoid } from './phases/boundary.ts';
import { closeWhenComplete, onReceipt } from './phases/training.ts';
import { clockOf } from './clock.ts';
import { ask, type Refusal, tell, type Turn } from './phases/turn.ts';
import { deadline, type RunState } from './state.ts';
import { nameOf } from './waiting.ts';

export interface Step {
  readonly state: RunState;
  readonly events: readonly Event[];
  readonly effects: readonly Effect[];
}

/**
 * The protocol: what a run does about one input. Pure and total; whatever is handed in, it returns. First the deadline,
 * if the input's instant is past it, then the input itself. What it refuses is an `inputRejected` event and a counter in
 * the state, nothing else. The same inputs in the same order give the same result everywhere.
 */
export function step(state: RunState, input: Input): Step {
  const wellFormed = isInput(input);
  const turn: Turn = {
    state,
    atMs: wellFormed ? input.atMs : state.nowMs,
    events: [],
    effects: [],
  };
  if (wellFormed) {
    passTime(turn, input.kind === 'time');
    closeWhenComplete(turn);
    const code = hasEnded(turn.state) ? ended(input) : handle(turn, input);
    if (code !== null) tell(turn, { kind: 'inputRejected', code, input: input.kind, actor: actorOf(input) });
    closeWhenComplete(turn);
  } else {
    tell(turn, { kind: 'inputRejected', code: 'malformed', input: null, actor: null });
  }
  setDeadline(turn, state);
  return { state: turn.state, events: turn.events, effects: turn.effects };
}

const hasEnded = ({ stage }: RunState): boolean => stage.kind === 'finished' || stage.kind === 'halted';
const ended = ({ kind }: Input): Refusal => (kind === 'time' || kind === 'ended' ? null : 'ended');

/** Everybody hears of a new deadline: schedulers keep the ledger's, each follower those that are its own. */
function setDeadline(turn: Turn, before: RunState): void {
  if (turn.state.stage === before.stage) return;
  const dueMs = deadline(turn.state);
  const of = nameOf(turn.state);
  const was = nameOf(before);
  const same =
    dueMs === deadline(before) &&
    of.round === was.round &&
    of.phase === was.phase &&
    of.attempt === was.attempt;
  if (dueMs !== null && !same)
    ask(turn, { kind: 'setDeadline', to: 'anybody', dueMs, of, clock: clockOf(turn.state) });
}

function handle(turn: Turn, input: Input): Refusal {
  switch (input.kind) {
    case 'time':
      return null;
    case 'fund':
    case 'pause':
    case 'resume':
    case 'finish':
      return onSponsor(turn, input);
    case 'join':
    case 'leave':
    case 'suspend':
    case 'checkIn':
    case 'bond':
      return onMember(turn, input);
    case 'ended':
      return onEnded(turn, input);
    case 'open':
      return onOpen(turn, input);
    case 'receipt':
      return onReceipt(turn, input);
    case 'proposal':
      return onProposal(turn, input);
    case 'lineupSignature':
      return onLineupSignature(turn, input);
    case 'lineup':
      return onLineup(turn, input);
    case 'opened':
      return onOpened(turn, input);
    case 'scored':
      return onScored(turn, input);
    case 'commit':
      return onCommit(turn, input);
    case 'reveal':
      return onReveal(turn, input);
    case 'preview':
      return onPreview(turn, input);
    case 'merged':
      return onMerged(turn, input);
    case 'certificateSignature':
      return onCertificateSignature(turn, input);
    case 'settlement':
      return onSettlement(turn, input);
    case 'deadline':
      return onDeadline(turn, input);
    case 'void':
      return onVoid(turn, input);
  }
}
