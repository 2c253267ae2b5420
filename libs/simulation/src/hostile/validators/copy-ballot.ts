import type { ValidatorConduct } from '#libs/node';
import { type ActorId, type Digest, entriesOf, openRound, type RunState } from '#libs/protocol';
import type { ValidatorSetting, Watched } from '../setting.ts';

/**
 * Commits to what somebody else has committed to, hoping to reveal that ballot as its own. It cannot: the commitment names
 * its author, so that no ballot of this Validator fits it, and a reveal is missing.
 */
export function copyBallot({ me, follower }: Pick<ValidatorSetting, 'me' | 'follower'>): ValidatorConduct {
  const newsOf = watchCommitments(follower, me);
  return { commitment: ({ state }) => commitmentIn(state, me) ?? newsOf(halfOf(state, follower)) };
}

/** The commitment of somebody else that is on the ledger, as far as is known here. */
function commitmentIn(state: RunState, me: ActorId): Digest | null {
  const phase = openRound(state)?.phase;
  if (phase === undefined || !('commitments' in phase)) return null;
  return entriesOf(phase.commitments).find(([validator]) => validator !== me)?.[1] ?? null;
}

/** It is ready as soon as the others are, and has to wait for one of them; too long, and it would miss the phase. */
function halfOf(state: RunState, { world }: Watched): number {
  const nowMs = world.clock.nowMs();
  return nowMs + ((openRound(state)?.phase.dueMs ?? nowMs) - nowMs) / 2;
}

/** The next commitment of somebody else; null if there is none until then. */
function watchCommitments(follower: Watched, me: ActorId): (untilMs: number) => Promise<Digest | null> {
  let found: (commitment: Digest | null) => void = () => undefined;
  follower.attach({
    actor: null,
    carryOut: () => undefined,
    see(events) {
      for (const event of events)
        if (event.kind === 'ballotCommitted' && event.validator !== me) found(event.commitment);
    },
  });
  return (untilMs) =>
    new Promise((resolve) => {
      found = resolve;
      follower.world.clock.at(untilMs, () => {
        resolve(null);
      });
    });
}
