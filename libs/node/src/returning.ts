import { type ActorId, find, membershipOf, openRound, type RunState } from '#libs/protocol';

/** True for a member that the ledger has suspended and would have back: it lets nobody back who does not ask. */
export function mayReturn(state: RunState, actor: ActorId): boolean {
  const member = find(state.trainers, actor) ?? find(state.validators, actor);
  if (member === undefined || membershipOf(state, actor)?.active !== false) return false;
  const open = openRound(state);
  // The round in which it would take part again.
  const round = open === null ? state.rounds : open.number + 1;
  return member.jailedUntilRound <= round;
}
