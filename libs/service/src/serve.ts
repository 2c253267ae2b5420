import { type INestApplication, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { readNodeFile } from '#libs/hosted';
import { Membership } from './membership.ts';
import { NestLog } from './nest-log.ts';
import { ProcessModule } from './process.module.ts';
import { Readiness } from './readiness.ts';
import { HOSTED_NODE, type HostedNode } from './seat.ts';

/** What is said to a supervisor: something in the world has failed, start me again (EX_TEMPFAIL of sysexits.h). */
const tryAgain = 75;

/**
 * Runs the node of a module until it is told to end, or until something fails: then the process ends too, and whoever
 * supervises it starts it anew from what it has written down. There is no other way to recover.
 */
export async function serve(node: Type, path: string): Promise<void> {
  const file = readNodeFile(path);
  @Module({ imports: [ProcessModule.of(file), node] })
  class RootModule {}
  const app = await NestFactory.create(RootModule, { logger: new NestLog(), abortOnError: false });
  const membership = app.get(Membership);
  const { log } = membership;
  const ending = askedToEnd();
  try {
    await Promise.race([takePart(app, membership), membership.failed, ending]);
    await Promise.race([membership.failed, ending]);
    log.info('ending');
  } catch (error) {
    log.fatal({ err: error }, 'failed');
    process.exitCode = tryAgain;
  }
  await leave(app, membership);
  // Connections of others to this process must not keep it.
  process.exit();
}

/** From the chain to the stream to the first duty: a node acts on nothing before it knows all that is known. */
async function takePart(app: INestApplication, { file, strategy, log }: Membership): Promise<void> {
  const node = app.get<HostedNode>(HOSTED_NODE);
  const readiness = app.get(Readiness);
  await app.listen(file.http.port, file.http.host);
  readiness.stage = 'reading the chain';
  await node.follower.catchUp();
  readiness.stage = 'catching up';
  app.connectMicroservice<MicroserviceOptions>({ strategy });
  await app.startAllMicroservices();
  await strategy.caughtUp();
  node.start();
  readiness.stage = 'taking part';
  log.info({ url: await app.getUrl() }, 'taking part');
}

async function leave(app: INestApplication, { connections }: Membership): Promise<void> {
  app.get(Readiness).stage = 'ending';
  await app.get<HostedNode>(HOSTED_NODE).stop();
  await app.close();
  await connections.close();
}

const askedToEnd = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        resolve();
      });
  });
