import type { InputOf } from '../inputs.ts';
import { find } from '../table.ts';
import { passBoundary } from './boundary.ts';
import { type Refusal, tell, type Turn } from './turn.ts';

type Member = InputOf<'join'> | InputOf<'leave'> | InputOf<'checkIn'> | InputOf<'bond'>;

/** Joining, leaving, checking in and changes of bonds: noted now, in effect at the next round boundary. */
export function onMember(turn: Turn, input: Member): Refusal {
  const refusal = noteMember(turn, input);
  if (refusal === null && turn.state.stage.kind !== 'round') passBoundary(turn);
  return refusal;
}

function noteMember(turn: Turn, input: Member): Refusal {
  const { state } = turn;
  const { actor } = input;
  if (state.stage.kind === 'created') return 'early';
  const member = find(state.trainers, actor) ?? find(state.validators, actor);
  const asked = find(state.pending, actor);
  if (input.kind === 'join') {
    const { role, bondWei } = input;
    if (member !== undefined) return 'alreadyMember';
    if (asked?.join !== undefined)
      return asked.join.role === role && asked.join.bondWei === bondWei ? 'duplicate' : 'alreadyMember';
    tell(turn, { kind: 'joinAsked', actor, role, bondWei });
    return null;
  }
  if (member === undefined && asked?.join === undefined) return 'notMember';
  switch (input.kind) {
    case 'leave':
      if (asked?.leave === true) return 'duplicate';
      tell(turn, { kind: 'leaveAsked', actor });
      return null;
    case 'checkIn':
      if (asked?.checkIn === true || member === undefined || (member.active && member.missedRounds === 0))
        return 'duplicate';
      tell(turn, { kind: 'checkedIn', actor });
      return null;
    case 'bond':
      if ((asked?.bondWei ?? asked?.join?.bondWei ?? member?.bondWei) === input.bondWei) return 'duplicate';
      tell(turn, { kind: 'bondChanged', actor, bondWei: input.bondWei });
      return null;
  }
}

type Sponsor = InputOf<'fund'> | InputOf<'pause'> | InputOf<'resume'> | InputOf<'finish'>;

/** What the Sponsor does; pause and finish act at the next round boundary. */
export function onSponsor(turn: Turn, { kind }: Sponsor): Refusal {
  const { stage, wish, config } = turn.state;
  if (kind === 'fund') {
    if (stage.kind !== 'created') return 'duplicate';
    tell(turn, { kind: 'runFunded', dueMs: turn.atMs + config.windows.gatheringMs });
    return null;
  }
  const next = { pause: 'pause', resume: 'none', finish: 'finish' } as const;
  if (wish === next[kind]) return 'duplicate';
  if (wish === 'finish') return 'stale';
  tell(turn, { kind: `${kind}Asked` });
  if (stage.kind !== 'round' && stage.kind !== 'created') passBoundary(turn);
  return null;
}
