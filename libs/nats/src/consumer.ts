import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  type ConsumerMessages,
  DeliverPolicy,
  JetStreamApiError,
  type JsMsg,
  ReplayPolicy,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { busFault } from './bus-faults.ts';
import type { NatsLink } from './link.ts';
import { durableOf } from './names.ts';
import { untilAnswered } from './publish.ts';
import { Backlog, Seen } from './progress.ts';

/** One message of a stream, as it is handed to whoever consumes it. */
export interface StreamMessage {
  readonly subject: string;
  readonly bytes: Uint8Array;
  /** Its place in the stream. */
  readonly sequence: number;
  /** When the server took it, in milliseconds since the epoch. */
  readonly storedMs: number;
  /** How often it has been delivered, this time included. */
  readonly delivery: number;
}

/** Something that was not handled, for the log. */
export interface Setback {
  readonly message: Pick<StreamMessage, 'subject' | 'sequence' | 'delivery'>;
  readonly error: unknown;
  /** When it comes again; null: never, it has been delivered as often as it may be. */
  readonly againInMs: number | null;
}

export interface ConsumerOptions {
  readonly stream: string;
  /** Subjects in the form in which NATS subscribes. */
  readonly subjects: string;
  /** 'all' begins with everything that the stream still holds; 'none' with what is published from now on. */
  readonly replay: 'none' | 'all';
  /** How long a message may take before it is delivered again; one that is being handled keeps its time. */
  readonly ackWaitMs?: number;
  /** Pauses before a message that was not handled comes again; the last one repeats. */
  readonly retryMs?: readonly number[];
  /** After so many deliveries a message that cannot be handled is given up. */
  readonly maxDeliveries?: number;
  /** Messages that may be under way at once. */
  readonly maxInFlight?: number;
  readonly onSetback?: (setback: Setback) => void;
  /** How long to wait for JetStream at opening. */
  readonly patienceMs?: number;
}

const defaults = {
  ackWaitMs: 30_000,
  retryMs: [100, 500, 2_000, 10_000],
  maxDeliveries: 8,
  maxInFlight: 256,
  patienceMs: 60_000,
};

/** How long one pull waits; a consumer that hears nothing for so long looks whether it is still there. */
const pullMs = 2_000;
/** How often a consumer that has not caught up asks whether it has: what it waits for may have been dropped. */
const lookEveryMs = 1_000;

/** Handles a message; it is acknowledged when this has returned, or its promise has resolved. */
export type Handle = (message: StreamMessage) => void | Promise<void>;

/**
 * The one durable consumer of a node. A process that starts afresh has lost what it knew, so the consumer is made anew at
 * opening and begins where it is told to; from then on it survives everything but the process. Nothing is consumed before
 * `start`. @throws Fault BUS_UNREACHABLE, BUS_REFUSED
 */
export async function openConsumer(link: NatsLink, options: ConsumerOptions): Promise<DurableConsumer> {
  const settings = { ...defaults, ...options };
  const durable = durableOf(link.name);
  const config: Partial<ConsumerConfig> = {
    durable_name: durable,
    name: durable,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(settings.ackWaitMs),
    deliver_policy: settings.replay === 'all' ? DeliverPolicy.All : DeliverPolicy.New,
    replay_policy: ReplayPolicy.Instant,
    filter_subject: settings.subjects,
    max_ack_pending: settings.maxInFlight,
    max_deliver: -1,
  };
  try {
    const info = await untilAnswered(link, settings.patienceMs, async () => {
      await deleteConsumer(link, settings.stream, durable);
      return link.manager.consumers.add(settings.stream, config);
    });
    return new DurableConsumer(link, settings, config, info);
  } catch (error) {
    throw busFault(error, `the stream ${settings.stream}`);
  }
}

async function deleteConsumer(link: NatsLink, stream: string, durable: string): Promise<void> {
  try {
    await link.manager.consumers.delete(stream, durable);
  } catch (error) {
    if (!(error instanceof JetStreamApiError && error.status === 404)) throw error;
  }
}

type Settings = Required<Omit<ConsumerOptions, 'onSetback'>> & Pick<ConsumerOptions, 'onSetback'>;

export class DurableConsumer {
  readonly #link: NatsLink;
  readonly #settings: Settings;
  readonly #config: Partial<ConsumerConfig>;
  readonly #seen: Seen;
  readonly #backlog: Backlog;
  #handle: Handle | null = null;
  #messages: ConsumerMessages | null = null;
  #lastSequence = 0;
  #isClosed = false;
  #handled = 0;
  #givenUp = 0;
  #inFlight = 0;
  #whenIdle: (() => void)[] = [];

  constructor(link: NatsLink, settings: Settings, config: Partial<ConsumerConfig>, info: ConsumerInfo) {
    this.#link = link;
    this.#settings = settings;
    this.#config = config;
    this.#seen = new Seen(16 * settings.maxInFlight);
    this.#backlog = new Backlog(info.num_pending);
  }

  /** Messages handled, and given up after too many deliveries. */
  get counts(): { readonly handled: number; readonly givenUp: number } {
    return { handled: this.#handled, givenUp: this.#givenUp };
  }

  /** The furthest place in the stream that was delivered; 0 before. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** Resolves when a place in the stream has been delivered, and everything before it has been handled or put off. */
  async reached(sequence: number): Promise<void> {
    while (this.#lastSequence < sequence || this.#inFlight > 0) {
      await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    }
  }

  /** Begins to deliver. */
  async start(handle: Handle): Promise<void> {
    if (this.#handle !== null) throw new Error('the consumer has been started');
    this.#handle = handle;
    this.#look();
    await this.#consume();
  }

  /** Resolves when everything that the stream held at opening has been delivered and handled. */
  caughtUp(): Promise<void> {
    return this.#backlog.done;
  }

  /** Stops delivering, and waits for what is being handled; what was not acknowledged comes again to who opens next. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#messages?.close().catch(() => undefined);
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  async #consume(): Promise<void> {
    const { stream, maxInFlight } = this.#settings;
    const consumer = await untilAnswered(this.#link, Infinity, () =>
      this.#link.jetstream.consumers.get(stream, durableOf(this.#link.name)),
    );
    if (this.#hasClosed()) return;
    const messages = await consumer.consume({
      max_messages: maxInFlight,
      expires: pullMs,
      callback: (message) => void this.#receive(message),
    });
    this.#messages = messages;
    void this.#watch(messages);
  }

  /** Asked again after something was waited for. */
  #hasClosed(): boolean {
    return this.#isClosed;
  }

  /** An operator may have deleted the consumer, or a server have lost it: then it is made again where it was. */
  async #watch(messages: ConsumerMessages): Promise<void> {
    for await (const { type } of messages.status()) {
      if (this.#isClosed) return;
      if (type !== 'consumer_deleted' && type !== 'consumer_not_found') continue;
      await messages.close().catch(() => undefined);
      await this.#again();
      return;
    }
  }

  async #again(): Promise<void> {
    if (this.#isClosed || this.#link.isClosed) return;
    const { stream } = this.#settings;
    const from = { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: this.#lastSequence + 1 };
    const config = this.#lastSequence === 0 ? this.#config : { ...this.#config, ...from };
    try {
      await untilAnswered(this.#link, Infinity, () => this.#link.manager.consumers.add(stream, config));
      await this.#consume();
    } catch (error) {
      this.#reportLost(error);
    }
  }

  #reportLost(error: unknown): void {
    if (this.#link.isClosed) return;
    const message = { subject: this.#settings.subjects, sequence: this.#lastSequence, delivery: 0 };
    this.#settings.onSetback?.({ message, error, againInMs: null });
  }

  async #receive(message: JsMsg): Promise<void> {
    if (this.#isClosed || this.#handle === null) return;
    // With the instant, because a stream that was made anew counts from one again.
    const key = `${message.seq} ${message.timestampNanos}`;
    if (this.#seen.has(key)) {
      this.#answer(() => {
        message.ack();
      });
      return;
    }
    this.#backlog.deliver(message.seq);
    this.#lastSequence = Math.max(this.#lastSequence, message.seq);
    this.#inFlight++;
    try {
      const handling = this.#handle(streamMessage(message));
      // One that returns nothing is handled in the same turn, so that messages are handled in their order.
      if (handling instanceof Promise) await this.#keepingAlive(message, handling);
      this.#seen.add(key);
      this.#handled++;
      this.#backlog.finish(message.seq);
      this.#answer(() => {
        message.ack();
      });
    } catch (error) {
      this.#setBack(message, error);
    } finally {
      this.#inFlight--;
      if (this.#inFlight === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
    }
  }

  /** A message that is being handled does not come again meanwhile. */
  async #keepingAlive(message: JsMsg, handling: Promise<void>): Promise<void> {
    const timer = setInterval(() => {
      this.#answer(() => {
        message.working();
      });
    }, this.#settings.ackWaitMs / 3);
    try {
      await handling;
    } finally {
      clearInterval(timer);
    }
  }

  #setBack(message: JsMsg, error: unknown): void {
    const { retryMs, maxDeliveries, onSetback } = this.#settings;
    const { subject, sequence, delivery } = streamMessage(message);
    const isLast = delivery >= maxDeliveries;
    const againInMs = isLast ? null : (retryMs[Math.min(delivery, retryMs.length) - 1] ?? 0);
    this.#answer(() => {
      if (againInMs === null) message.term();
      else message.nak(againInMs);
    });
    if (isLast) {
      this.#givenUp++;
      this.#backlog.finish(sequence);
    }
    onSetback?.({ message: { subject, sequence, delivery }, error, againInMs });
  }

  /** An answer that is lost with the connection only means that the message comes again. */
  #answer(say: () => void): void {
    if (!this.#link.isClosed) say();
  }

  /** Asks now and then whether there is still something to catch up with: it may have been dropped from the stream. */
  #look(): void {
    if (this.#backlog.isDone) return;
    const timer = setInterval(() => {
      if (this.#backlog.isDone || this.#isClosed) clearInterval(timer);
      else void this.#lookOnce();
    }, lookEveryMs);
    timer.unref();
  }

  async #lookOnce(): Promise<void> {
    if (this.#link.state === 'disconnected' || this.#inFlight > 0) return;
    const { stream } = this.#settings;
    const info = await this.#link.manager.consumers
      .info(stream, durableOf(this.#link.name))
      .catch(() => null);
    if (info?.num_pending === 0 && info.num_ack_pending === 0) this.#backlog.end();
  }
}

const streamMessage = (message: JsMsg): StreamMessage => ({
  subject: message.subject,
  bytes: message.data,
  sequence: message.seq,
  storedMs: Number(message.timestampNanos / 1_000_000n),
  delivery: message.info.deliveryCount,
});
