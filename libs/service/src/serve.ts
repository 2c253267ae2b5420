import type { INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { exitCodeOf, exitCodes, loadNodeFile, type NodeConfig, readSecrets } from '#libs/config';
import { EventLog, type LogContext, openLog } from '#libs/observe';
import { join } from './joining.ts';
import { measure } from './measures.ts';
import { Membership, type MembershipOptions } from './membership.ts';
import { NestLog } from './nest-log.ts';
import { ProcessModule } from './process.module.ts';
import { Readiness } from './readiness.ts';
import { HOSTED_NODE, type HostedNode } from './seat.ts';
import { within } from './within.ts';

/**
 * Runs the node of a module until it is told to end, or until something fails: then the process ends too, and whoever
 * supervises it starts it anew from what it has written down. There is no other way to recover. Its exit code is one of
 * `exitCodes`.
 */
export async function serve(node: Type, role: NodeConfig['role'], path: string): Promise<never> {
  const ending = askedToEnd();
  const context: LogContext = {};
  let log = openLog({ level: 'info', actor: path, context, secrets: [] });
  let exitCode: number = exitCodes.asked;
  try {
    const { config } = await loadNodeFile(path, { role });
    const secrets = await readSecrets(config);
    log = openLog({ level: config.log.level, actor: config.name, context, secrets: secrets.texts });
    await live(node, { config, secrets, log, context }, ending);
  } catch (error) {
    log.fatal({ err: error }, 'failed');
    exitCode = exitCodeOf(error);
  }
  // Connections of others to this process must not keep it.
  process.exit(exitCode);
}

/**
 * The life of a node in this process, until `ending` resolves: what is under way is then finished or left to the journal
 * within the `stopMs` of its configuration. @throws what has failed
 */
export async function live(node: Type, options: MembershipOptions, ending: Promise<void>): Promise<void> {
  const { log, config } = options;
  const creating = NestFactory.create(ProcessModule.of(node, options), {
    logger: new NestLog(log),
    abortOnError: false,
  });
  log.info('starting');
  const app = await Promise.race([creating, ending.then(() => null)]);
  if (app === null) {
    // Nothing has been promised; but threads that are being started are not to be ended in the middle of it.
    await within(
      config.stopMs,
      creating.then((late) => leave(late, late.get(Membership))).catch(() => undefined),
    );
    return;
  }
  const membership = app.get(Membership);
  try {
    await Promise.race([takePart(app, membership), membership.failed, ending]);
    await Promise.race([membership.failed, ending]);
  } finally {
    log.info('ending');
    const isWhole = await within(config.stopMs, leave(app, membership));
    if (!isWhole) log.warn('ended in the middle of something: what was promised is in the journal');
  }
}

/** From the chain to the stream to the first duty: a node acts on nothing before it knows all that is known. */
async function takePart(app: INestApplication, membership: Membership): Promise<void> {
  const { config, strategy, log, context, metrics } = membership;
  const node = app.get<HostedNode>(HOSTED_NODE);
  const readiness = app.get(Readiness);
  const { follower } = node;
  follower.attach(metrics);
  follower.attach(new EventLog(log, context, () => readiness.stage === 'taking part'));
  measure(membership, follower);
  await app.listen(config.http.port, config.http.host);
  readiness.stage = 'reading the chain';
  log.info({ url: await app.getUrl() }, readiness.stage);
  await follower.catchUp();
  readiness.stage = 'catching up';
  app.connectMicroservice<MicroserviceOptions>({ strategy });
  await app.startAllMicroservices();
  await strategy.caughtUp();
  node.start();
  readiness.stage = 'taking part';
  log.info(readiness.stage);
  await join(membership, follower);
}

/** Takes no more on, lets what is being handled come to its end, and says goodbye. */
async function leave(app: INestApplication, { connections }: Membership): Promise<void> {
  app.get(Readiness).stage = 'ending';
  await app.get<HostedNode>(HOSTED_NODE).stop();
  await app.close();
  await connections.close();
}

/** Asking twice is asking once: a terminal says it to the whole group, and whoever has started the node again. */
const askedToEnd = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        resolve();
      });
  });
