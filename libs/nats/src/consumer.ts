import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { Fault, isFault } from '#libs/fault';
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
  ackWaitMs: 5_000,
  retryMs: [100, 500, 2_000, 10_000],
  maxDeliveries: 8,
  maxInFlight: 256,
  patienceMs: 60_000,
};

/** How often a consumer that has not caught up asks whether it has: what it waits for may have been dropped. */
const lookEveryMs = 1_000;
/** How often a consumer looks whether it is still this process's. */
const checkEveryMs = 15_000;
/** Before the next attempt, where something went wrong. */
const pauseMs = 100;

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
  #checkAtMs = performance.now() + checkEveryMs;
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
    // What was asked for on a connection that is gone is not answered.
    this.#unwatch = link.onState(() => {
      this.#checkAtMs = 0;
      void this.#messages?.close();
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
  start(handle: Handle): void {
    if (this.#handle !== null) throw new Error('the consumer has been started');
    this.#handle = handle;
    this.#look();
    void this.#deliver();
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

  /** Delivers as long as there is somebody to deliver to. */
  async #deliver(): Promise<void> {
    while (!this.#isOver()) {
      if (this.#link.state === 'disconnected') {
        await this.#link.changed(Infinity);
        continue;
      }
      try {
        if (performance.now() >= this.#checkAtMs) await this.#check();
        if (this.#isOver()) return;
        this.#messages = await this.#durable.fetch();
        for await (const message of this.#messages) void this.#receive(message);
      } catch (error) {
        // Deleted, lost, taken over, or only a server that is not ready yet.
        this.#checkAtMs = 0;
        if (isFault(error)) this.#lose(error);
        else await this.#link.changed(pauseMs);
      }
    }
  }

  #isOver(): boolean {
    return this.#isClosed || this.#link.isClosed;
  }

  /**
   * An operator may have deleted the consumer, or a server have lost it: then it is made again where it was. And whoever stood
   * still for long may find that another process has begun in its name. @throws Fault
   */
  async #check(): Promise<void> {
    const owner = await this.#durable.owner();
    if (owner === 'another') throw takenFault(this.#durable.name, this.#settings.stream);
    if (owner === 'nobody') {
      await this.#durable.makeAgain(this.#lastSequence + 1).catch((error: unknown) => {
        throw busFault(error, `the stream ${this.#settings.stream}`);
      });
    }
    this.#checkAtMs = performance.now() + checkEveryMs;
  }

  #lose(fault: Fault): void {
    // A link that has been closed ends everything on it.
    if (this.#isOver()) return;
    this.#isClosed = true;
    this.#settings.onLost?.(fault);
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
