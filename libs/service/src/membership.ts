import { readFileSync } from 'node:fs';
import { parsePlan, type RunPlan } from '#libs/experiment';
import { connect, type Connections, Inbox, type NodeFile, realClock } from '#libs/hosted';
import { JetStreamStrategy, NatsPublisher } from '#libs/nats';
import type { Surroundings } from '#libs/node';
import { openPost, openSigner, type Signer } from '#libs/wire';
import { type Logger, pino } from 'pino';

/** One process's part in a run: what it is, what it is connected to, and how it hears and speaks. */
export class Membership {
  readonly file: NodeFile;
  readonly plan: RunPlan;
  readonly signer: Signer;
  readonly connections: Connections;
  readonly inbox = new Inbox();
  readonly strategy: JetStreamStrategy;
  readonly world: Surroundings;
  readonly log: Logger;
  /** Rejects with what went wrong in work that nobody waits for: the process ends, and begins anew. */
  readonly failed: Promise<never>;

  static async open(file: NodeFile): Promise<Membership> {
    const plan = parsePlan(JSON.parse(readFileSync(file.plan.file, 'utf8')));
    const connections = await connect(
      {
        nats: {
          servers: file.nats.servers,
          name: file.nats.name,
          credentials: readFileSync(file.nats.credentialsFile, 'utf8'),
          tls: { ca: readFileSync(file.nats.tls.caFile, 'utf8') },
        },
        chain: { url: file.chain.url, headsUrl: file.chain.headsUrl, pollMs: 1_000 },
        ledger: file.run.ledger,
        run: BigInt(file.run.number),
      },
      plan,
    );
    return new Membership(file, plan, connections);
  }

  private constructor(file: NodeFile, plan: RunPlan, connections: Connections) {
    const { link, blobs, ledger, run } = connections;
    this.file = file;
    this.plan = plan;
    this.connections = connections;
    this.signer = openSigner(Buffer.from(readFileSync(file.key.localFile, 'utf8').trim(), 'hex'));
    this.log = pino({ base: { run: run.domain.run.slice(0, 10), actor: file.name } });
    const failing = Promise.withResolvers<never>();
    this.failed = failing.promise;
    // Whoever waits for it later is told; until then it is not a rejection that nobody handles.
    this.failed.catch(() => undefined);
    this.strategy = new JetStreamStrategy(link, {
      run: run.domain.run,
      replay: 'all',
      // Another process with this name has taken over: this one hears nothing more.
      onLost: failing.reject,
      onSetback: ({ message, error }) => {
        this.log.warn({ subject: message.subject, delivery: message.delivery, err: error }, 'not handled');
      },
    });
    const publisher = new NatsPublisher(link);
    this.world = {
      clock: realClock,
      bus: {
        publish: (subject, bytes) => publisher.publish(subject, bytes),
        subscribe: (prefix, deliver) => this.inbox.subscribe(prefix, deliver),
      },
      blobs,
      ledger,
      post: openPost(run.domain),
      fail: failing.reject,
    };
  }
}
