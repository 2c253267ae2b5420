import {
  type ApiError,
  type ConsumerInfo,
  JetStreamApiCodes,
  JetStreamApiError,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { Msg } from '@nats-io/nats-core';
import { type NatsLink, requestMs } from './link.ts';

/**
 * JetStream's questions that nodes ask all the time. Each is answered in an inbox of its own: a server forgets where it sends
 * the answers of a service when nobody listens there any more, and on one inbox for all it would remember every one.
 */
async function ask(link: NatsLink, what: string, body: object | null): Promise<Msg> {
  const text = body === null ? '' : JSON.stringify(body);
  return link.connection.request(`$JS.API.${what}`, text, { noMux: true, timeout: requestMs });
}

/** @throws JetStreamApiError */
async function answerOf<T>(asking: Promise<Msg>): Promise<T> {
  const answer = (await asking).json<T & { readonly error?: ApiError }>();
  if (answer.error !== undefined) throw new JetStreamApiError(answer.error);
  return answer;
}

export const streamInfo = (link: NatsLink, stream: string): Promise<StreamInfo> =>
  answerOf(ask(link, `STREAM.INFO.${stream}`, null));

export const consumerInfo = (link: NatsLink, stream: string, name: string): Promise<ConsumerInfo> =>
  answerOf(ask(link, `CONSUMER.INFO.${stream}.${name}`, null));

export type Which =
  | { readonly seq: number }
  | { readonly last_by_subj: string }
  | { readonly seq: number; readonly next_by_subj: string };

export interface StoredMessage {
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

/** A message of a stream from its leader; null if there is none. */
export async function storedMessage(
  link: NatsLink,
  stream: string,
  which: Which,
): Promise<StoredMessage | null> {
  try {
    const { message } = await answerOf<{ message: { seq: number; data?: string } }>(
      ask(link, `STREAM.MSG.GET.${stream}`, which),
    );
    return { sequence: message.seq, bytes: Buffer.from(message.data ?? '', 'base64') };
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.NoMessageFound) return null;
    throw error;
  }
}

/** The bytes of a message of a stream from any server that has them, as they are; null if that one has not. */
export async function nearBytes(
  link: NatsLink,
  stream: string,
  sequence: number,
): Promise<Uint8Array | null> {
  const { headers, data } = await ask(link, `DIRECT.GET.${stream}`, { seq: sequence });
  return headers?.has('Nats-Sequence') === true ? data : null;
}

/** True where JetStream says that there is no such stream, consumer or message. */
export const isAbsent = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.status === 404;
