import type { TrainerConduct } from '#libs/node';
import { type Digest, type EventOf, openRound, type RunState } from '#libs/protocol';
import type { TrainerSetting } from '../setting.ts';

/**
 * Sends the newest update of somebody else as its own. Updates are sealed until their lineup stands, so that the newest
 * that it can read is one of an earlier lineup; as long as there is none, it trains.
 */
export function copycat({
  me,
  opener,
  follower,
}: Pick<TrainerSetting, 'me' | 'opener' | 'follower'>): TrainerConduct {
  if (opener === null) throw new Error('a copycat reads the updates of others, and needs an opener for them');
  let newest: Float32Array | null = null;
  follower.attach({
    actor: null,
    carryOut: () => undefined,
    // As they are opened, because the opener forgets what a settlement has used.
    see(events, state) {
      for (const event of events) {
        if (event.kind !== 'updateOpened' || event.trainer === me) continue;
        const receipt = receiptOf(event, state);
        if (receipt !== undefined) newest = opener.get(receipt)?.delta ?? newest;
      }
    },
  });
  return { instead: () => newest };
}

function receiptOf({ trainer, sequence }: EventOf<'updateOpened'>, state: RunState): Digest | undefined {
  const phase = openRound(state)?.phase;
  if (phase === undefined || !('lineup' in phase)) return undefined;
  return phase.lineup.entries.find((entry) => entry.trainer === trainer && entry.sequence === sequence)
    ?.receipt;
}
