import {
  AckPolicy,
  type Consumer,
  type ConsumerConfig,
  type ConsumerInfo,
  type ConsumerMessages,
  DeliverPolicy,
  ReplayPolicy,
} from '@nats-io/jetstream';
import { nanos, nuid } from '@nats-io/nats-core';
import { consumerInfo, isAbsent } from './api.ts';
import type { NatsLink } from './link.ts';
import { durableOf } from './names.ts';
import { untilAnswered } from './publish.ts';

export interface DurableOptions {
  readonly stream: string;
  readonly subjects: string;
  readonly replay: 'none' | 'all';
  readonly ackWaitMs: number;
  readonly maxInFlight: number;
  readonly patienceMs: number;
}

/** How long one request for messages waits; the server says twice meanwhile that it is still there. */
const pullMs = 2_000;
/** Whoever takes the consumer over deletes it, and makes it anew at once. */
const takeOverMs = 500;

/** The consumer at the server that goes by a node's name, and by a mark of the process that has made it. */
export class Durable {
  readonly name: string;
  readonly #link: NatsLink;
  readonly #options: DurableOptions;
  readonly #mark = `flobc ${nuid.next()}`;
  #consumer: Consumer | null = null;

  constructor(link: NatsLink, options: DurableOptions) {
    this.name = durableOf(link.name);
    this.#link = link;
    this.#options = options;
  }

  /** Makes it anew: a process that starts afresh has lost what it knew, whatever was acknowledged before. */
  async make(): Promise<ConsumerInfo> {
    const { stream, patienceMs, replay } = this.#options;
    const policy = { deliver_policy: replay === 'all' ? DeliverPolicy.All : DeliverPolicy.New };
    return untilAnswered(this.#link, patienceMs, async () => {
      await deleteConsumer(this.#link, stream, this.name);
      return this.#add(policy);
    });
  }

  /** Makes it again after it was lost, from a place in the stream on. @throws if another process has made one meanwhile */
  async makeAgain(sequence: number): Promise<void> {
    const policy = { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: sequence };
    const untilMs = performance.now() + this.#options.patienceMs;
    for (;;) {
      try {
        await untilAnswered(this.#link, Infinity, () => this.#add(policy));
        return;
      } catch (error) {
        // Servers of a cluster that have just started do not know yet what they have.
        const isThere = (await this.#ownerNow()) === 'us';
        if (isThere) return;
        if (!isAbsent(error) || performance.now() > untilMs) throw error;
        await this.#link.changed(takeOverMs);
      }
    }
  }

  /**
   * Asks for messages and gives them as they come, until there are as many as may be under way or some time has passed. Each
   * time in an inbox of its own, as all that is asked often.
   */
  async fetch(): Promise<ConsumerMessages> {
    const { stream, maxInFlight } = this.#options;
    this.#consumer ??= await this.#link.jetstream.consumers.get(stream, this.name);
    return this.#consumer.fetch({ max_messages: maxInFlight, expires: pullMs });
  }

  /** Messages that it has still to deliver, or to hear of that they were handled. */
  async open(): Promise<number> {
    const info = await consumerInfo(this.#link, this.#options.stream, this.name);
    return info.num_pending + info.num_ack_pending;
  }

  /** Whose it is. Nobody's, only if it is not just being taken over. */
  async owner(): Promise<'us' | 'another' | 'nobody'> {
    const first = await this.#ownerNow();
    if (first !== 'nobody') return first;
    await this.#link.changed(takeOverMs);
    return this.#ownerNow();
  }

  async #ownerNow(): Promise<'us' | 'another' | 'nobody'> {
    try {
      const info = await untilAnswered(this.#link, Infinity, () =>
        consumerInfo(this.#link, this.#options.stream, this.name),
      );
      return info.config.description === this.#mark ? 'us' : 'another';
    } catch (error) {
      if (isAbsent(error)) return 'nobody';
      throw error;
    }
  }

  #add(policy: Pick<ConsumerConfig, 'deliver_policy'> & Partial<ConsumerConfig>): Promise<ConsumerInfo> {
    const { stream, ackWaitMs, maxInFlight, subjects } = this.#options;
    return this.#link.manager.consumers.add(stream, {
      durable_name: this.name,
      name: this.name,
      description: this.#mark,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ackWaitMs),
      replay_policy: ReplayPolicy.Instant,
      filter_subject: subjects,
      max_ack_pending: maxInFlight,
      max_deliver: -1,
      ...policy,
    });
  }
}

/** @throws what JetStream says, unless it is that there is none */
export async function deleteConsumer(link: NatsLink, stream: string, durable: string): Promise<void> {
  try {
    await link.manager.consumers.delete(stream, durable);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}
