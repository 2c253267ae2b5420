import { busFault } from './bus-faults.ts';
import type { NatsLink } from './link.ts';
import { publishUntilKept } from './publish.ts';

export interface PublisherOptions {
  /** How long a message is tried while no server takes it. One publish is one message, unless an answer is lost for as long as inlets remember. */
  readonly publishPatienceMs?: number;
}

const defaultPatienceMs = 120_000;

/** Says things into a stream, for nodes that hear it in another way. */
export class NatsPublisher {
  readonly #link: NatsLink;
  readonly #patienceMs: number;
  #published = 0;

  constructor(link: NatsLink, { publishPatienceMs = defaultPatienceMs }: PublisherOptions = {}) {
    this.#link = link;
    this.#patienceMs = publishPatienceMs;
  }

  /** Messages that a stream has taken. */
  get published(): number {
    return this.#published;
  }

  /** Resolves when the stream has it on disk; tries again until then. @throws Fault BUS_UNREACHABLE, BUS_REFUSED */
  async publish(subject: string, bytes: Uint8Array): Promise<void> {
    try {
      await publishUntilKept(this.#link, subject, bytes, { patienceMs: this.#patienceMs });
    } catch (error) {
      throw busFault(error, `a message under ${subject}`);
    }
    this.#published++;
  }
}
