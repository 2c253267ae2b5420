import 'reflect-metadata';
import { Controller, type INestMicroservice, Logger, Module } from '@nestjs/common';
import type { NestApplicationContextOptions } from '@nestjs/common/interfaces/nest-application-context-options.interface.js';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, type MicroserviceOptions, Payload } from '@nestjs/microservices';
import { Observable, of, throwError } from 'rxjs';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Nats } from '#libs/testkit';
import { type Kind, subjectOf } from '#libs/wire';
import type { RunOptions } from './bus.ts';
import type { Setback } from './consumer.ts';
import type { NatsLink } from './link.ts';
import { durableOf, streamOf } from './names.ts';
import { prepareRun } from './prepare-run.ts';
import { NatsPublisher } from './publisher.ts';
import { actorOf, bytesOf, Ear, runOf, scene, signal, textOf } from './scene.fixture.ts';
import { isMeant, type JetStreamContext, JetStreamStrategy } from './strategy.ts';

const { server, link } = scene();
const sender = actorOf('trainer');
let nats: Nats;
let operator: NatsLink;
let runs = 0;
// What handlers throw on purpose is not for the log.
Logger.overrideLogger(false);
const services: INestMicroservice[] = [];

beforeAll(async () => {
  nats = await server();
  operator = await link(nats, { name: 'operator' });
});

afterEach(async () => {
  for (const service of services.splice(0)) await service.close();
});

type Handler = (bytes: Uint8Array, context: JetStreamContext) => unknown;

/** A service with one handler for each pattern. Decorators are applied as the functions that they are. */
async function serve(
  handlers: readonly (readonly [string | string[], Handler])[],
  more: Partial<RunOptions> = {},
) {
  const run = runOf(`run ${runs++}`);
  await prepareRun(operator, { run, trainers: [] });
  class Handlers {
    readonly isNew = true;
  }
  for (const [i, [pattern, handler]] of handlers.entries()) {
    const name = `handler${i}`;
    Object.defineProperty(Handlers.prototype, name, { value: handler, configurable: true, writable: true });
    const descriptor = Object.getOwnPropertyDescriptor(Handlers.prototype, name)!;
    EventPattern(pattern)(Handlers.prototype, name, descriptor);
    Payload()(Handlers.prototype, name, 0);
    Ctx()(Handlers.prototype, name, 1);
  }
  Controller()(Handlers);
  class Root {
    readonly isNew = true;
  }
  Module({ controllers: [Handlers] })(Root);
  const node = await link(nats, { name: `node ${runs}` });
  const publisher = new NatsPublisher(operator);
  const say = (kind: Kind, text: string) =>
    publisher.publish(subjectOf({ run, kind, sender }), bytesOf(text));
  const strategy = new JetStreamStrategy(node, { run, replay: 'all', ...more });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- a class that nobody makes
  const options = { strategy } as NestApplicationContextOptions & MicroserviceOptions;
  const service = await NestFactory.createMicroservice<MicroserviceOptions>(Root, options);
  services.push(service);
  const waiting = async (): Promise<number> =>
    (await operator.manager.consumers.info(streamOf(run), durableOf(node.name))).num_ack_pending;
  /** Resolves when the server has heard of every message that it was handled. */
  const acknowledged = async (): Promise<void> => {
    while ((await waiting()) > 0);
  };
  return { run, node, strategy, service, say, waiting, acknowledged };
}

describe('handlers', () => {
  test('get the bytes of the kinds that they name, with where they come from', async () => {
    const heard = new Ear<unknown>();
    const hear =
      (name: string): Handler =>
      (bytes, { subject, sequence, delivery, storedMs }) => {
        expect(bytes).toBeInstanceOf(Uint8Array);
        expect(Math.abs(storedMs - Date.now())).toBeLessThan(60_000);
        heard.hear([name, textOf(bytes), subject.split('.')[3], sequence, delivery]);
      };
    const { service, say, strategy } = await serve([
      ['receipt', hear('receipts')],
      [['ballot', 'release'], hear('agreement')],
      ['flobc.v1.*.receipt.>', hear('by subject')],
    ]);
    await say('receipt', 'before it listens');
    await service.listen();
    await strategy.caughtUp();
    await say('ballot', '{"not": "json"');
    await say('join', 'nobody listens to it');
    await say('release', 'last');
    await heard.has(4);
    expect(heard.heard).toEqual([
      ['receipts', 'before it listens', 'receipt', 1, 1],
      ['by subject', 'before it listens', 'receipt', 1, 1],
      ['agreement', '{"not": "json"', 'ballot', 2, 1],
      ['agreement', 'last', 'release', 4, 1],
    ]);
  });

  test.each<readonly [string, (left: number) => unknown]>([
    [
      'throws',
      (left) => {
        if (left > 0) throw new Error('not yet');
      },
    ],
    ['rejects', (left) => (left > 0 ? Promise.reject(new Error('not yet')) : Promise.resolve())],
    [
      'returns an observable that fails',
      (left) => (left > 0 ? throwError(() => new Error('not yet')) : of(1, 2)),
    ],
  ])('one that %s gets the message again, and then it is acknowledged', async (_, outcome) => {
    const tries = new Ear<number>();
    const setbacks: Setback[] = [];
    const handler: Handler = (__, { delivery }) => {
      tries.hear(delivery);
      return outcome(3 - delivery);
    };
    const { service, say, strategy, acknowledged } = await serve([['receipt', handler]], {
      retryMs: [5, 10],
    });
    strategy.on('setback', (setback) => setbacks.push(setback));
    await say('receipt', 'x');
    await service.listen();
    await strategy.caughtUp();
    expect(tries.heard).toEqual([1, 2, 3]);
    expect(setbacks.map(({ againInMs }) => againInMs)).toEqual([5, 10]);
    expect(strategy.counts).toMatchObject({ handled: 1, givenUp: 0 });
    await service.close();
    await acknowledged();
  });

  test('are waited for before a message is acknowledged, and nothing comes twice meanwhile', async () => {
    const begun = signal();
    const go = signal();
    const tries = new Ear<number>();
    const handler: Handler = async (_, { delivery }) => {
      tries.hear(delivery);
      begun.give();
      await go.promise;
    };
    // A handler may take many times as long as a message is waited for.
    const { service, say, waiting, acknowledged, strategy } = await serve([['receipt', handler]], {
      ackWaitMs: 150,
    });
    await service.listen();
    await say('receipt', 'x');
    await begun.promise;
    const since = performance.now();
    while (performance.now() - since < 500) expect(await waiting()).toBe(1);
    go.give();
    await strategy.caughtUp();
    await service.close();
    await acknowledged();
    expect(tries.heard).toEqual([1]);
  });

  test('finish what they have begun before the service has ended', async () => {
    const begun = signal();
    const go = signal();
    let isDone = false;
    const handler: Handler = () =>
      new Observable((subscriber) => {
        begun.give();
        void go.promise.then(() => {
          isDone = true;
          subscriber.complete();
        });
      });
    const { service, say } = await serve([['receipt', handler]]);
    await service.listen();
    await say('receipt', 'x');
    await begun.promise;
    const closing = service.close();
    go.give();
    await closing;
    expect(isDone).toBe(true);
  });
});

test('what is over its sender budget does not come to a handler', async () => {
  const heard: string[] = [];
  const admission = {
    maxMessageBytes: 5,
    budget: { messagesPerSecond: 100, bytesPerSecond: 1_000, burstSeconds: 1 },
  };
  const { service, say, strategy } = await serve([['receipt', (bytes) => heard.push(textOf(bytes))]], {
    admission,
  });
  for (const text of ['small', 'too large']) await say('receipt', text);
  await service.listen();
  await strategy.caughtUp();
  expect(heard).toEqual(['small']);
  expect(strategy.counts).toEqual({ handled: 2, givenUp: 0, refused: { size: 1, subject: 0, budget: 0 } });
});

test('handlers go on after the server was killed', async () => {
  const own = await server();
  const admin = await link(own, { name: 'operator' });
  const run = runOf('killed');
  await prepareRun(admin, { run, trainers: [] });
  const heard = new Ear();
  const strategy = new JetStreamStrategy(await link(own, { name: 'node' }), { run, replay: 'all' });
  strategy.addHandler(
    'receipt',
    (bytes: Uint8Array) => {
      heard.hear(textOf(bytes));
      return Promise.resolve();
    },
    true,
  );
  await new Promise((resolve) => void strategy.listen(resolve));
  const publisher = new NatsPublisher(admin);
  const say = (text: string) => publisher.publish(subjectOf({ run, kind: 'receipt', sender }), bytesOf(text));
  await say('before');
  await heard.has(1);
  await own.kill();
  const saying = say('meanwhile');
  await own.restart();
  await saying;
  await heard.has(2);
  expect(heard.heard).toEqual(['before', 'meanwhile']);
  await strategy.close();
});

test('a run that nobody has prepared keeps the service from listening', async () => {
  const strategy = new JetStreamStrategy(operator, { run: runOf('never') });
  const error = await new Promise((resolve) => void strategy.listen(resolve));
  expect(error).toMatchObject({ code: 'BUS_REFUSED' });
});

test.each([
  ['receipt', true],
  ['ballot', false],
  ['>', true],
  ['flobc.>', true],
  ['flobc.v1.*.receipt.*', true],
  ['flobc.v1.*.*.0xab', true],
  ['flobc.v1.*.receipt', false],
  ['flobc.v1.*.receipt.0xab.>', false],
  ['flobc.v1.*.receipt.0xab.*', false],
  ['flobc.v2.>', false],
])('%s is meant by a receipt: %s', (pattern, expected) => {
  expect(isMeant(pattern, 'flobc.v1.0x01.receipt.0xab')).toBe(expected);
});
