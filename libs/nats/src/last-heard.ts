import { JetStreamApiError } from '@nats-io/jetstream';
import type { ActorId, Digest } from '#libs/protocol';
import { parseSubject, subjectsOf } from '#libs/wire';
import { busFault } from './bus-faults.ts';
import type { NatsLink } from './link.ts';
import { streamOf } from './names.ts';

export interface Heard {
  /** What was said: `receipt`, `ballot`. */
  readonly kind: string;
  /** When the server took it. */
  readonly atMs: number;
}

/** JetStream's code for a message that is not there. */
const noMessage = 10_037;

/**
 * The last thing that somebody has said in a run; null if nothing is kept of it. It is looked up in the stream, without a
 * consumer, so that looking disturbs nobody. @throws Fault BUS_UNREACHABLE, BUS_REFUSED
 */
export async function lastHeard(link: NatsLink, run: Digest, sender: ActorId): Promise<Heard | null> {
  const subject = subjectsOf(run).replace('>', `*.${sender}`);
  try {
    const message = await link.manager.streams.getMessage(streamOf(run), { last_by_subj: subject });
    if (message === null) return null;
    const said = parseSubject(message.subject);
    return { kind: said.kind === 'subject' ? said.of.kind : 'message', atMs: message.time.getTime() };
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === noMessage) return null;
    throw busFault(error, `the stream ${streamOf(run)}`);
  }
}
