import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { Fault } from '#libs/fault';
import type { Cancel } from '#libs/ports';
import { busFault } from './bus-faults.ts';
import { Durable } from './durable.ts';
import type { NatsLink } from './link.ts';
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
  /** Nothing more will be delivered: another process goes by the same name, or the stream is gone. */
  readonly onLost?: (fault: Fault) => void;
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
  const durable = new Durable(link, settings);
  try {
    const { num_pending } = await durable.make();
    return new DurableConsumer(link, settings, durable, num_pending);
  } catch (error) {
    throw busFault(error, `the stream ${settings.stream}`);
  }
}

type Told = 'onSetback' | 'onLost';
type Settings = Required<Omit<ConsumerOptions, Told>> & Pick<ConsumerOptions, Told>;

export class DurableConsumer {
  readonly #link: NatsLink;
  readonly #settings: Settings;
  readonly #durable: Durable;
  readonly #seen: Seen;
  readonly #backlog: Backlog;
  readonly #unwatch: Cancel;
  #handle: Handle | null = null;
  #messages: ConsumerMessages | null = null;
  #lastSequence = 0;
  #isClosed = false;
  #isChecking = false;
  #handled = 0;
  #givenUp = 0;
  #inFlight = 0;
  #whenIdle: (() => void)[] = [];

  constructor(link: NatsLink, settings: Settings, durable: Durable, backlog: number) {
    this.#link = link;
    this.#settings = settings;
    this.#durable = durable;
    this.#seen = new Seen(16 * settings.maxInFlight);
    this.#backlog = new Backlog(backlog);
    // Whoever was away, or stood still, may find that somebody else has begun in its name.
    this.#unwatch = link.onState((state) => {
      if (state === 'connected') void this.#check();
    });
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
    this.#unwatch();
    await this.#messages?.close().catch(() => undefined);
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    // What was handled is acknowledged before the process may end.
    if (this.#link.state === 'connected') await this.#link.connection.flush().catch(() => undefined);
  }

  async #consume(): Promise<void> {
    const messages = await this.#durable.consume((message) => void this.#receive(message));
    this.#messages = messages;
    if (this.#isClosed) await messages.close();
    else void this.#watch(messages);
  }

  async #watch(messages: ConsumerMessages): Promise<void> {
    for await (const { type } of messages.status()) {
      if (type === 'consumer_deleted' || type === 'consumer_not_found') void this.#check();
    }
  }

  /** An operator may have deleted the consumer, or a server have lost it: then it is made again where it was. */
  async #check(): Promise<void> {
    if (this.#isClosed || this.#isChecking || this.#handle === null) return;
    this.#isChecking = true;
    try {
      const owner = await this.#durable.owner();
      if (owner === 'us') return;
      await this.#messages?.close().catch(() => undefined);
      if (owner === 'another') throw takenFault(this.#durable.name, this.#settings.stream);
      await this.#durable.makeAgain(this.#lastSequence + 1);
      await this.#consume();
    } catch (error) {
      this.#lose(error);
    } finally {
      this.#isChecking = false;
    }
  }

  #lose(error: unknown): void {
    // A link that has been closed ends everything on it.
    if (this.#isClosed || this.#link.isClosed) return;
    this.#isClosed = true;
    this.#settings.onLost?.(busFault(error, `the stream ${this.#settings.stream}`));
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
    const open = await this.#durable.open().catch(() => null);
    if (open === 0) this.#backlog.end();
  }
}

const streamMessage = (message: JsMsg): StreamMessage => ({
  subject: message.subject,
  bytes: message.data,
  sequence: message.seq,
  storedMs: Number(message.timestampNanos / 1_000_000n),
  delivery: message.info.deliveryCount,
});

const takenFault = (name: string, stream: string): Fault =>
  new Fault('BUS_REFUSED', `Another process hears what is said in the name of ${name}.`, {
    facts: { name, stream },
    hint: 'Run one process for each node; give observers names of their own.',
  });
