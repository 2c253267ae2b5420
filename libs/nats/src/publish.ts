import { JetStreamApiError, type PubAck } from '@nats-io/jetstream';
import { headers, nuid } from '@nats-io/nats-core';
import { isForbidden } from './link-faults.ts';
import type { NatsLink } from './link.ts';

export interface PublishOptions {
  /** The same thing twice under one id is kept once. By default an id of its own. */
  readonly id?: string;
  /** How long to go on trying. */
  readonly patienceMs: number;
}

/** Nobody took a message for too long. */
export class PatienceLost extends Error {}

/** JetStream's codes of a server with no room left, which more asking does not change. */
const insufficientResources = 10_023;
const insufficientStorage = 10_047;
const maximumBytesExceeded = 10_077;
const resourcesExceeded: ReadonlySet<number> = new Set([
  insufficientResources,
  insufficientStorage,
  maximumBytesExceeded,
  10_002, // the account's
  10_028, // the server's memory
]);

/** Too much was said in a short time; later it is taken. The code is that of a full stream, only the words differ. */
const isTooFast = (error: JetStreamApiError): boolean => error.message.includes('per subject');

export const isNoRoom = (error: unknown): boolean =>
  error instanceof JetStreamApiError && resourcesExceeded.has(error.code) && !isTooFast(error);

/** JetStream's answers that are the answer, however often one asks. */
const isRefusal = (error: unknown): boolean =>
  error instanceof JetStreamApiError && (error.status < 500 || isNoRoom(error));

const shortestPauseMs = 20;
const longestPauseMs = 1_000;

/**
 * Publishes into a stream until the stream has it, over as many connections as it takes.
 * @throws what JetStream refuses it with; PatienceLost
 */
export async function publishUntilKept(
  link: NatsLink,
  subject: string,
  bytes: Uint8Array,
  { id = nuid.next(), patienceMs }: PublishOptions,
): Promise<PubAck> {
  const set = headers();
  set.set('Nats-Msg-Id', id);
  return untilAnswered(link, patienceMs, () => link.jetstream.publish(subject, bytes, { headers: set }));
}

/**
 * Asks until there is an answer: again when the connection is back, and again after a pause when it is there and nothing
 * behind it answers. @throws what it is refused with; PatienceLost
 */
export async function untilAnswered<T>(
  link: NatsLink,
  patienceMs: number,
  ask: () => Promise<T>,
): Promise<T> {
  const untilMs = performance.now() + patienceMs;
  let said = 'no answer';
  for (let pauseMs = shortestPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    if (link.isClosed) throw new PatienceLost('the connection is closed');
    const leftMs = untilMs - performance.now();
    if (leftMs <= 0) throw new PatienceLost(said);
    if (link.state === 'disconnected') {
      await link.changed(leftMs);
      continue;
    }
    const answer = await answerOf(link, ask);
    if (answer.kind === 'answer') return answer.value;
    if (answer.kind === 'error') {
      if (isRefusal(answer.error) || isForbidden(answer.error)) throw answer.error;
      if (answer.error instanceof JetStreamApiError) said = answer.error.message;
      await link.changed(Math.min(pauseMs, leftMs));
    }
  }
}

type Answer<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'interrupted' };

/** What is asked when a connection breaks is not answered on the next one. */
function answerOf<T>(link: NatsLink, ask: () => Promise<T>): Promise<Answer<T>> {
  return new Promise((resolve) => {
    const done = (answer: Answer<T>): void => {
      cancel();
      resolve(answer);
    };
    const cancel = link.onState(() => {
      done({ kind: 'interrupted' });
    });
    ask().then(
      (value) => {
        done({ kind: 'answer', value });
      },
      (error: unknown) => {
        done({ kind: 'error', error });
      },
    );
  });
}
