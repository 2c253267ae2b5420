import type { NodeConfig, NodeSecrets } from '#libs/config';
import type { RunPlan } from '#libs/experiment';
import { connect, type Connections, heardBy, Inbox, realClock } from '#libs/hosted';
import { JetStreamStrategy, type LinkOptions, NatsPublisher, readTls } from '#libs/nats';
import type { Surroundings } from '#libs/node';
import { kindOf, type LogContext, measuredBlobs, measuredBus, RunMetrics } from '#libs/observe';
import { openPost, openSigner, type Signer } from '#libs/wire';
import type { Logger } from 'pino';
import { planIn } from './run-source.ts';

/** What a process is told before it reaches anybody. */
export interface MembershipOptions {
  readonly config: NodeConfig;
  readonly secrets: NodeSecrets;
  readonly log: Logger;
  /** What the lines of the log say besides, filled in here. */
  readonly context: LogContext;
}

interface Parts extends MembershipOptions {
  readonly plan: RunPlan;
  readonly signer: Signer;
  readonly connections: Connections;
  readonly metrics: RunMetrics;
}

/** One process's part in a run: what it is, what it is connected to, and how it hears and speaks. */
export class Membership {
  readonly config: NodeConfig;
  readonly secrets: NodeSecrets;
  readonly plan: RunPlan;
  readonly signer: Signer;
  readonly connections: Connections;
  readonly metrics: RunMetrics;
  readonly inbox = new Inbox();
  readonly strategy: JetStreamStrategy;
  readonly world: Surroundings;
  readonly log: Logger;
  readonly context: LogContext;
  /** Rejects with what went wrong in work that nobody waits for: the process ends, and begins anew. */
  readonly failed: Promise<never>;

  static async open(options: MembershipOptions): Promise<Membership> {
    const { config, secrets } = options;
    const plan = await planIn(config.run.source);
    const signer = openSigner(secrets.privateKey);
    const metrics = new RunMetrics({ node: config.name, role: config.role });
    const { ledger, number } = config.run;
    const { url, headsUrl, pollMs } = config.chain;
    const onSpent = (operation: string, gasUsed: bigint): void => {
      metrics.spent(operation, gasUsed);
    };
    const connections = await connect(
      {
        nats: linkOf(config, secrets, signer),
        chain: { url, pollMs, onSpent, ...(headsUrl !== undefined && { headsUrl }) },
        ledger,
        run: BigInt(number),
      },
      plan,
    );
    return new Membership({ ...options, plan, signer, connections, metrics });
  }

  private constructor({ config, secrets, plan, signer, connections, metrics, log, context }: Parts) {
    const { link, blobs, ledger, run } = connections;
    this.config = config;
    this.secrets = secrets;
    this.plan = plan;
    this.signer = signer;
    this.connections = connections;
    this.metrics = metrics;
    this.log = log;
    this.context = context;
    context.run = run.domain.run.slice(0, 10);
    const failing = Promise.withResolvers<never>();
    this.failed = failing.promise;
    // Whoever waits for it later is told; until then it is not a rejection that nobody handles.
    this.failed.catch(() => undefined);
    const kind = heardBy(this.plan, config.role, config.run.position);
    this.strategy = new JetStreamStrategy(link, {
      run: run.domain.run,
      ...(kind && { kind }),
      replay: 'all',
      // Another process with this name has taken over: this one hears nothing more.
      onLost: failing.reject,
      onSetback: ({ message, error }) => {
        this.log.warn({ subject: message.subject, delivery: message.delivery, err: error }, 'not handled');
      },
    });
    this.inbox.subscribe('', ({ subject, bytes }) => {
      metrics.moved('in', kindOf(subject), bytes.length);
    });
    const publisher = new NatsPublisher(link);
    const bus = {
      publish: async (subject: string, bytes: Uint8Array) => {
        await publisher.publish(subject, bytes);
        // A node hears what it says itself, whatever it hears of others.
        if (kind !== null && kindOf(subject) !== kind) this.inbox.deliver({ subject, bytes });
      },
      subscribe: this.inbox.subscribe.bind(this.inbox),
    };
    this.world = {
      clock: realClock,
      bus: measuredBus(bus, metrics),
      blobs: measuredBlobs(blobs, metrics),
      ledger,
      post: openPost(run.domain),
      fail: failing.reject,
      missing: (lineup) => {
        this.log.warn(lineup, 'waits for a lineup that is not in the store');
      },
    };
  }
}

/** How the node logs in at NATS. Members go by their addresses, others by their names. */
function linkOf(
  { role, name, nats: { servers, tls, name: user } }: NodeConfig,
  { credentials }: NodeSecrets,
  { address }: Signer,
): LinkOptions {
  return {
    servers,
    name: user ?? (role === 'scheduler' ? name : address),
    ...(credentials !== undefined && { credentials }),
    ...(tls && { tls: readTls(tls) }),
  };
}
