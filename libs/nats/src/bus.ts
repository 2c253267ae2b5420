import type { Bus, Cancel, Delivery } from '#libs/ports';
import type { Digest } from '#libs/protocol';
import { type Kind, subjectsOf } from '#libs/wire';
import { type Admit, admissionOf, type AdmissionOptions } from './admission.ts';
import { type ConsumerOptions, type DurableConsumer, openConsumer, type StreamMessage } from './consumer.ts';
import { Gate, type RefusedCounts } from './gate.ts';
import type { NatsLink } from './link.ts';
import { streamOf } from './names.ts';
import { NatsPublisher, type PublisherOptions } from './publisher.ts';

export interface StreamBusOptions extends ConsumerOptions, PublisherOptions {
  /** Cheap checks, before a message is handed to anybody. */
  readonly admit?: Admit;
}

/** How a run is heard, whoever hears it. */
export interface RunOptions extends Partial<Omit<ConsumerOptions, 'stream' | 'subjects'>> {
  readonly run: Digest;
  /** The only kind of message that is heard; all of them if there is none. */
  readonly kind?: Kind;
  readonly admission?: AdmissionOptions;
}

export interface NatsBusOptions extends RunOptions, PublisherOptions {}

export interface BusCounts {
  readonly published: number;
  readonly handled: number;
  /** Messages that could not be handled as often as they were delivered. */
  readonly givenUp: number;
  /** Messages that were dropped before anything costly was done with them, by reason. */
  readonly refused: RefusedCounts;
}

interface Subscription {
  readonly prefix: string;
  readonly deliver: (delivery: Delivery) => void;
  isOver: boolean;
}

/**
 * A bus over a JetStream stream: what is published is on disk when that resolves, and what is said while a node is cut off
 * or busy is delivered when it is back. All subscriptions of a node share one durable consumer; what it delivers is
 * acknowledged when all of them have returned. With `replay: 'all'` it begins with the first subscription.
 */
export class NatsBus implements Bus {
  readonly #publisher: NatsPublisher;
  readonly #consumer: DurableConsumer;
  readonly #gate: Gate;
  #subscriptions: readonly Subscription[] = [];
  #isStarted = false;

  private constructor(link: NatsLink, consumer: DurableConsumer, options: StreamBusOptions) {
    this.#publisher = new NatsPublisher(link, options);
    this.#consumer = consumer;
    this.#gate = new Gate(options.admit ?? null);
  }

  /** The bus of a run. @throws Fault BUS_UNREACHABLE, BUS_REFUSED */
  static open(link: NatsLink, options: NatsBusOptions): Promise<NatsBus> {
    const { run, admission } = options;
    return NatsBus.over(link, { ...options, ...whereOf(options), admit: admissionOf(run, admission) });
  }

  /** A bus over any stream. @throws Fault BUS_UNREACHABLE, BUS_REFUSED */
  static async over(link: NatsLink, options: StreamBusOptions): Promise<NatsBus> {
    const bus = new NatsBus(link, await openConsumer(link, options), options);
    if (options.replay === 'none') bus.#start();
    return bus;
  }

  get counts(): BusCounts {
    const { published } = this.#publisher;
    return { published, ...this.#consumer.counts, refused: this.#gate.refused };
  }

  /** Resolves when a place in the stream has been delivered, and everything before it has been handled or put off. */
  reached(sequence: number): Promise<void> {
    return this.#consumer.reached(sequence);
  }

  publish(subject: string, bytes: Uint8Array): Promise<void> {
    return this.#publisher.publish(subject, bytes);
  }

  subscribe(prefix: string, deliver: (delivery: Delivery) => void): Cancel {
    const subscription: Subscription = { prefix, deliver, isOver: false };
    // A list that is being gone through is never changed.
    this.#subscriptions = [...this.#subscriptions, subscription];
    this.#start();
    return () => {
      subscription.isOver = true;
      this.#subscriptions = this.#subscriptions.filter((one) => one !== subscription);
    };
  }

  /** Resolves when everything that the stream held at opening has been handled; somebody has to have subscribed. */
  caughtUp(): Promise<void> {
    return this.#consumer.caughtUp();
  }

  /** Ends delivering; the link stays. */
  close(): Promise<void> {
    return this.#consumer.close();
  }

  #start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#consumer.start((message) => {
      this.#deliver(message);
    });
  }

  #deliver(message: StreamMessage): void {
    if (!this.#gate.lets(message)) return;
    const { subject, bytes } = message;
    try {
      for (const subscription of this.#subscriptions) {
        if (subscription.isOver || !subject.startsWith(subscription.prefix)) continue;
        subscription.deliver({ subject, bytes });
      }
    } catch (error) {
      this.#gate.remember(message);
      throw error;
    }
  }
}

/** Where the messages of a run are that are to be heard. */
export const whereOf = ({
  run,
  kind,
  replay = 'none',
}: RunOptions): Pick<ConsumerOptions, 'stream' | 'subjects' | 'replay'> => ({
  stream: streamOf(run),
  subjects: subjectsOf(run, kind),
  replay,
});
