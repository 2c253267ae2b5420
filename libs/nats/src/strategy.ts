import {
  BaseRpcContext,
  type CustomTransportStrategy,
  type MessageHandler,
  Server,
} from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { admissionOf } from './admission.ts';
import { type BusCounts, type RunOptions, whereOf } from './bus.ts';
import { type DurableConsumer, openConsumer, type Setback, type StreamMessage } from './consumer.ts';
import { Gate } from './gate.ts';
import type { LinkState, NatsLink } from './link.ts';

/** What a handler may know of a message besides its bytes. */
export class JetStreamContext extends BaseRpcContext<[StreamMessage]> {
  get subject(): string {
    return this.args[0].subject;
  }

  /** Its place in the stream. */
  get sequence(): number {
    return this.args[0].sequence;
  }

  /** How often it has been delivered, this time included. */
  get delivery(): number {
    return this.args[0].delivery;
  }

  /** When the server took it, in milliseconds since the epoch. */
  get storedMs(): number {
    return this.args[0].storedMs;
  }
}

/** What can be listened to on the strategy. */
export type StrategyEvents = Record<'setback', (setback: Setback) => void> &
  Record<'state', (state: LinkState) => void>;

/**
 * Nest's event handlers on the durable consumer of a node. A pattern is a kind of message (`receipt`) or subjects as NATS
 * writes them (`flobc.v1.*.ballot.>`); the payload is the message's bytes. A message is acknowledged when all of its handlers
 * have completed, observables included, and comes again after a pause if one of them has failed.
 */
export class JetStreamStrategy extends Server<StrategyEvents> implements CustomTransportStrategy {
  override readonly transportId = Symbol('JetStream');
  // Nest sets it only where it is asked to trace.
  protected override onProcessingEndHook: (transportId: symbol | number, context: BaseRpcContext) => void =
    () => undefined;
  readonly #link: NatsLink;
  readonly #options: RunOptions;
  readonly #gate: Gate;
  readonly #onSetback: ((setback: Setback) => void)[];
  readonly #listening: Promise<DurableConsumer>;
  #hasListened: (consumer: Promise<DurableConsumer>) => void = () => undefined;
  #consumer: DurableConsumer | null = null;

  constructor(link: NatsLink, options: RunOptions) {
    super();
    this.#link = link;
    this.#options = options;
    this.#gate = new Gate(admissionOf(options.run, options.admission));
    this.#onSetback = options.onSetback === undefined ? [] : [options.onSetback];
    this.#listening = new Promise((resolve) => (this.#hasListened = resolve));
  }

  get counts(): Omit<BusCounts, 'published'> {
    return { ...(this.#consumer?.counts ?? { handled: 0, givenUp: 0 }), refused: this.#gate.refused };
  }

  /** Messages that the stream holds for this node and that are not handled yet; null before it listens. */
  async pending(): Promise<number | null> {
    return this.#consumer === null ? null : this.#consumer.pending();
  }

  /** Resolves when everything that the stream held when listening began has been handled. */
  async caughtUp(): Promise<void> {
    await (await this.#listening).caughtUp();
  }

  /** @param callback Called when messages come, or with the fault that keeps them from coming. */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      const onSetback = (setback: Setback): void => {
        for (const call of this.#onSetback) call(setback);
      };
      const consumer = await openConsumer(this.#link, {
        ...this.#options,
        ...whereOf(this.#options),
        onSetback,
      });
      this.#consumer = consumer;
      consumer.start((message) => this.#take(message));
      this.#hasListened(Promise.resolve(consumer));
      callback();
    } catch (error) {
      callback(error);
    }
  }

  /** Ends when what is being handled has been; the link stays. */
  async close(): Promise<void> {
    await this.#consumer?.close();
  }

  on<Event extends keyof StrategyEvents>(event: Event, callback: StrategyEvents[Event]): void {
    if (event === 'setback') this.#onSetback.push(callback as StrategyEvents['setback']);
    else this.#link.onState(callback as StrategyEvents['state']);
  }

  /** The link to NATS. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- Nest's own signature
  unwrap<T>(): T {
    return this.#link as T;
  }

  async #take(message: StreamMessage): Promise<void> {
    if (!this.#gate.lets(message)) return;
    const context = new JetStreamContext([message]);
    try {
      for (const handler of this.#handlersOf(message.subject)) {
        await this.#run(handler, message.bytes, context);
      }
    } catch (error) {
      this.#gate.remember(message);
      throw error;
    }
  }

  /** Runs a handler to its end, between Nest's hooks. */
  #run(handler: MessageHandler, bytes: Uint8Array, context: JetStreamContext): Promise<void> {
    return new Promise((resolve, reject) => {
      this.onProcessingStartHook(this.transportId, context, async () => {
        try {
          const result: unknown = await handler(bytes, context);
          await lastValueFrom(this.transformToObservable(result), { defaultValue: undefined });
          resolve();
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error), { cause: error }));
        } finally {
          this.onProcessingEndHook(this.transportId, context);
        }
      });
    });
  }

  #handlersOf(subject: string): MessageHandler[] {
    const handlers: MessageHandler[] = [];
    for (const [pattern, first] of this.getHandlers()) {
      if (!isMeant(pattern, subject)) continue;
      for (let one: MessageHandler | undefined = first; one !== undefined; one = one.next) handlers.push(one);
    }
    return handlers;
  }
}

const kindAt = 3;

/** True for the kind of a message, and for subjects in the form in which NATS subscribes. */
export function isMeant(pattern: string, subject: string): boolean {
  const tokens = subject.split('.');
  if (!pattern.includes('.')) return pattern === '>' || tokens[kindAt] === pattern;
  const wanted = pattern.split('.');
  for (const [i, token] of wanted.entries()) {
    if (token === '>') return tokens.length > i;
    if (tokens[i] === undefined || (token !== '*' && token !== tokens[i])) return false;
  }
  return wanted.length === tokens.length;
}
