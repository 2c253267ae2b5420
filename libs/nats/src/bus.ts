import type { Bus, Cancel, Delivery } from '#libs/ports';
import type { Digest } from '#libs/protocol';
import { type Admit, admissionOf, type AdmissionOptions, type Refused } from './admission.ts';
import { busFault } from './bus-faults.ts';
import { type ConsumerOptions, type DurableConsumer, openConsumer, type StreamMessage } from './consumer.ts';
import type { NatsLink } from './link.ts';
import { streamOf, subjectsOfRun } from './names.ts';
import { Seen } from './progress.ts';
import { publishUntilKept } from './publish.ts';

export interface StreamBusOptions extends ConsumerOptions {
  /** Cheap checks, before a message is handed to anybody. */
  readonly admit?: Admit;
  /** How long a message that is to be sent is kept while no server takes it. Within it, one publish is one message. */
  readonly publishPatienceMs?: number;
}

export interface NatsBusOptions
  extends Partial<Omit<ConsumerOptions, 'stream' | 'subjects'>>, Pick<StreamBusOptions, 'publishPatienceMs'> {
  readonly run: Digest;
  readonly admission?: AdmissionOptions;
}

export interface BusCounts {
  readonly published: number;
  readonly handled: number;
  /** Messages that could not be handled as often as they were delivered. */
  readonly givenUp: number;
  readonly refused: Readonly<Record<Refused, number>>;
}

interface Subscription {
  readonly prefix: string;
  readonly deliver: (delivery: Delivery) => void;
  isOver: boolean;
}

/** Shorter than the window in which the stream recognises a message that it has. */
const defaultPublishPatienceMs = 120_000;

/**
 * A bus over a JetStream stream: what is published is on disk when that resolves, and what is said while a node is cut off
 * or busy is delivered when it is back. All subscriptions of a node share one durable consumer; what it delivers is
 * acknowledged when all of them have returned. With `replay: 'all'` it begins with the first subscription.
 */
export class NatsBus implements Bus {
  readonly #link: NatsLink;
  readonly #consumer: DurableConsumer;
  readonly #options: StreamBusOptions;
  readonly #refused: Record<Refused, number> = { size: 0, subject: 0, budget: 0 };
  /** Messages that come again because somebody failed at them: they have paid. */
  readonly #admitted = new Seen(1_024);
  #subscriptions: readonly Subscription[] = [];
  #isStarted = false;
  #published = 0;

  private constructor(link: NatsLink, consumer: DurableConsumer, options: StreamBusOptions) {
    this.#link = link;
    this.#consumer = consumer;
    this.#options = options;
  }

  /** The bus of a run. @throws Fault BUS_UNREACHABLE, BUS_REFUSED */
  static open(link: NatsLink, { run, admission, ...rest }: NatsBusOptions): Promise<NatsBus> {
    const where = { stream: streamOf(run), subjects: subjectsOfRun(run), admit: admissionOf(run, admission) };
    return NatsBus.over(link, { replay: 'none', ...rest, ...where });
  }

  /** A bus over any stream. @throws Fault BUS_UNREACHABLE, BUS_REFUSED */
  static async over(link: NatsLink, options: StreamBusOptions): Promise<NatsBus> {
    const bus = new NatsBus(link, await openConsumer(link, options), options);
    if (options.replay === 'none') await bus.#start();
    return bus;
  }

  get counts(): BusCounts {
    return { published: this.#published, ...this.#consumer.counts, refused: { ...this.#refused } };
  }

  /** Resolves when a place in the stream has been delivered, and everything before it has been handled or put off. */
  reached(sequence: number): Promise<void> {
    return this.#consumer.reached(sequence);
  }

  async publish(subject: string, bytes: Uint8Array): Promise<void> {
    const { publishPatienceMs: patienceMs = defaultPublishPatienceMs } = this.#options;
    try {
      await publishUntilKept(this.#link, subject, bytes, { patienceMs });
    } catch (error) {
      throw busFault(error, `a message under ${subject}`);
    }
    this.#published++;
  }

  subscribe(prefix: string, deliver: (delivery: Delivery) => void): Cancel {
    const subscription: Subscription = { prefix, deliver, isOver: false };
    // A list that is being gone through is never changed.
    this.#subscriptions = [...this.#subscriptions, subscription];
    this.#start().catch((error: unknown) => {
      const message = { subject: this.#options.subjects, sequence: 0, delivery: 0 };
      this.#options.onSetback?.({ message, error, againInMs: null });
    });
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

  async #start(): Promise<void> {
    if (this.#isStarted) return;
    this.#isStarted = true;
    await this.#consumer.start((message) => {
      this.#deliver(message);
    });
  }

  #deliver({ subject, bytes, sequence, storedMs }: StreamMessage): void {
    const refused = this.#admitted.has(`${sequence}`)
      ? null
      : this.#options.admit?.(subject, bytes.length, storedMs);
    if (refused) {
      this.#refused[refused]++;
      return;
    }
    try {
      for (const subscription of this.#subscriptions) {
        if (subscription.isOver || !subject.startsWith(subscription.prefix)) continue;
        subscription.deliver({ subject, bytes });
      }
    } catch (error) {
      this.#admitted.add(`${sequence}`);
      throw error;
    }
  }
}
