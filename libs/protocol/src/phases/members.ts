import type { InputOf } from '../inputs.ts';
import { canOpen, membershipOf } from '../roster.ts';
import { accountOf } from '../state.ts';
import { find } from '../table.ts';
import { askToOpen, meetWishes, passBoundary } from './boundary.ts';
import { type Refusal, tell, type Turn } from './turn.ts';

type Member = InputOf<'join'> | InputOf<'leave'> | InputOf<'suspend'> | InputOf<'checkIn'> | InputOf<'bond'>;

/** What the ledger says of members: noted now, in effect when the next round opens. */
export function onMember(turn: Turn, input: Member): Refusal {
  const before = canOpen(turn.state);
  const refusal = noteMember(turn, input);
  if (!before && canOpen(turn.state)) askToOpen(turn);
  return refusal;
}

function noteMember(turn: Turn, input: Member): Refusal {
  const { state } = turn;
  const { actor } = input;
  if (state.stage.kind === 'created') return 'early';
  const member = membershipOf(state, actor);
  if (input.kind === 'join') {
    const { role, number, bondWei } = input;
    if (member !== undefined && member.role !== null) {
      const isSame = member.role === role && member.number === number && member.bondWei === bondWei;
      return isSame && find(state.pending, actor) !== undefined ? 'duplicate' : 'alreadyMember';
    }
    if ((accountOf(state, number) ?? actor) !== actor) return 'conflicting';
    tell(turn, { kind: 'joinAsked', actor, role, number, bondWei });
    return null;
  }
  if (member === undefined) return 'notMember';
  if (member.role === null) return input.kind === 'leave' ? 'duplicate' : 'notMember';
  switch (input.kind) {
    case 'leave':
      tell(turn, { kind: 'leaveAsked', actor });
      return null;
    case 'suspend':
      if (!member.active) return 'duplicate';
      tell(turn, { kind: 'memberSuspended', actor });
      return null;
    case 'checkIn':
      if (member.active) return 'duplicate';
      tell(turn, { kind: 'checkedIn', actor });
      return null;
    case 'bond':
      if (member.bondWei === input.bondWei) return 'duplicate';
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
  if (stage.kind === 'gathering') meetWishes(turn);
  if (stage.kind === 'paused') passBoundary(turn);
  return null;
}
