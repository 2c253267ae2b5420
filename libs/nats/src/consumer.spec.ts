import { beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '#libs/fault';
import type { Nats } from '#libs/testkit';
import { NatsBus } from './bus.ts';
import type { Setback } from './consumer.ts';
import { deleteConsumer } from './durable.ts';
import type { NatsLink } from './link.ts';
import { durableOf } from './names.ts';
import { untilAnswered } from './publish.ts';
import { bytesOf, Ear, scene, textOf } from './scene.fixture.ts';

const { server, link } = scene();
let nats: Nats;
let operator: NatsLink;
let streams = 0;

beforeAll(async () => {
  nats = await server();
  operator = await link(nats, { name: 'operator' });
});

/** A stream of its own, and a bus on it. */
async function openBus(options: Partial<Parameters<typeof NatsBus.over>[1]> = {}, stream = `S${streams++}`) {
  await operator.manager.streams.add({ name: stream, subjects: [`${stream}.>`] });
  const node = await link(nats, { name: `node of ${stream}` });
  const open = (more = {}) =>
    NatsBus.over(node, { stream, subjects: `${stream}.>`, replay: 'all', ...options, ...more });
  return {
    stream,
    node,
    open,
    bus: await open(),
    say: (text: string) => operator.jetstream.publish(`${stream}.x`, bytesOf(text)),
  };
}

describe('a handler that fails', () => {
  test('gets the message again after pauses that grow, until it has handled it', async () => {
    const setbacks: Setback[] = [];
    const { bus, say } = await openBus({ retryMs: [10, 30, 50], onSetback: (one) => setbacks.push(one) });
    const tries = new Ear<number>();
    bus.subscribe('', () => {
      tries.hear(performance.now());
      if (tries.heard.length < 4) throw new Error('not yet');
    });
    await say('one');
    await tries.has(4);
    await bus.caughtUp();
    const pauses = tries.heard.slice(1).map((at, i) => at - tries.heard[i]!);
    for (const [i, least] of [10, 30, 50].entries()) expect(pauses[i]).toBeGreaterThan(least - 2);
    expect(setbacks.map(({ message, againInMs }) => [message.delivery, againInMs])).toEqual([
      [1, 10],
      [2, 30],
      [3, 50],
    ]);
    expect(bus.counts).toMatchObject({ handled: 1, givenUp: 0 });
  });

  test('does not keep others from being handled, and after so many deliveries it is over', async () => {
    const given = new Ear<Setback>();
    const { bus, say } = await openBus({
      retryMs: [5],
      maxDeliveries: 3,
      onSetback: (one) => {
        if (one.againInMs === null) given.hear(one);
      },
    });
    const heard = new Ear();
    bus.subscribe('', ({ bytes }) => {
      heard.hear(textOf(bytes));
      if (textOf(bytes) === 'bad') throw new Error('never');
    });
    for (const text of ['bad', 'one', 'two']) await say(text);
    await given.has(1);
    expect(given.heard[0]).toMatchObject({ message: { delivery: 3, sequence: 1 }, againInMs: null });
    expect([...heard.heard].sort()).toEqual(['bad', 'bad', 'bad', 'one', 'two']);
    expect(bus.counts).toMatchObject({ handled: 2, givenUp: 1 });
  });

  test('does not pay its sender budget again', async () => {
    let admitted = 0;
    const { bus, say } = await openBus({ retryMs: [5], admit: () => (admitted++ === 0 ? null : 'budget') });
    const heard = new Ear();
    bus.subscribe('', ({ bytes }) => {
      heard.hear(textOf(bytes));
      if (heard.heard.length < 3) throw new Error('not yet');
    });
    await say('one');
    await heard.has(3);
    expect(bus.counts.refused).toEqual({ size: 0, subject: 0, budget: 0 });
  });
});

describe('a consumer that is opened', () => {
  test('with everything gives all that the stream holds, then says that it has caught up', async () => {
    const { open, say, bus: first } = await openBus();
    for (const text of ['one', 'two', 'three']) await say(text);
    await first.close();
    for (let life = 0; life < 2; life++) {
      const bus = await open();
      const heard: string[] = [];
      bus.subscribe('', ({ bytes }) => heard.push(textOf(bytes)));
      await bus.caughtUp();
      expect(heard).toEqual(['one', 'two', 'three']);
      await bus.close();
    }
  });

  test('waits for what fails at first before it says so', async () => {
    const { open, say, bus: first } = await openBus({ retryMs: [20] });
    for (const text of ['one', 'two', 'three']) await say(text);
    await first.close();
    const bus = await open();
    const heard: string[] = [];
    bus.subscribe('', ({ bytes }) => {
      heard.push(textOf(bytes));
      if (heard.length === 2) throw new Error('not yet');
    });
    await bus.caughtUp();
    expect(heard).toEqual(['one', 'two', 'three', 'two']);
  });

  test('catches up also where what it waits for has been dropped meanwhile', async () => {
    const { open, say, bus: first, stream } = await openBus();
    for (const text of ['one', 'two']) await say(text);
    await first.close();
    const bus = await open();
    await operator.manager.streams.purge(stream);
    bus.subscribe('', () => undefined);
    await bus.caughtUp();
  });

  test('with nothing hears only what comes', async () => {
    const { open, say, bus: first } = await openBus();
    await say('before');
    await first.close();
    const bus = await open({ replay: 'none' });
    await bus.caughtUp();
    const heard = new Ear();
    bus.subscribe('', ({ bytes }) => {
      heard.hear(textOf(bytes));
    });
    await say('after');
    await heard.has(1);
    expect(heard.heard).toEqual(['after']);
  });

  test('goes on where it was when somebody has deleted it', async () => {
    const { bus, say, stream, node } = await openBus();
    const heard = new Ear();
    bus.subscribe('', ({ bytes }) => {
      heard.hear(textOf(bytes));
    });
    await say('one');
    await heard.has(1);
    // The server may be writing the state of what it is to delete, and then says that it could not.
    await untilAnswered(operator, 5_000, () => deleteConsumer(operator, stream, durableOf(node.name)));
    await say('two');
    await heard.has(2);
    expect(heard.heard).toEqual(['one', 'two']);
  });
});

test('of two processes with one name the later one hears, and the earlier one is told', async () => {
  const lost = new Ear<Fault>();
  const { bus, open, say } = await openBus({
    onLost: (fault) => {
      lost.hear(fault);
    },
  });
  const early = new Ear();
  bus.subscribe('', ({ bytes }) => {
    early.hear(textOf(bytes));
  });
  await say('one');
  await early.has(1);
  const later = new Ear();
  const second = await open();
  second.subscribe('', ({ bytes }) => {
    later.hear(textOf(bytes));
  });
  await lost.has(1);
  expect(lost.heard[0]).toMatchObject({ code: 'BUS_REFUSED' });
  for (const text of ['two', 'three']) await say(text);
  await later.has(3);
  expect(later.heard).toEqual(['one', 'two', 'three']);
  expect(early.heard).toEqual(['one']);
});

test('a message whose sender is over its budget is dropped, acknowledged and counted', async () => {
  const { bus, say, stream, node } = await openBus({
    admit: (_, sizeBytes) => (sizeBytes > 3 ? 'size' : null),
  });
  const heard = new Ear();
  bus.subscribe('', ({ bytes }) => {
    heard.hear(textOf(bytes));
  });
  for (const text of ['long', 'one']) await say(text);
  await heard.has(1);
  expect(heard.heard).toEqual(['one']);
  expect(bus.counts.refused).toEqual({ size: 1, subject: 0, budget: 0 });
  await bus.close();
  const waiting = async (): Promise<number> =>
    (await operator.manager.consumers.info(stream, durableOf(node.name))).num_ack_pending;
  while ((await waiting()) > 0);
});
