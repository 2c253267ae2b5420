import { beforeEach, expect, test } from 'vitest';
import { isFault } from '#libs/fault';
import type { Nats } from '#libs/testkit';
import { subjectOf } from '#libs/wire';
import { NatsBlobs } from './blobs.ts';
import { NatsBus } from './bus.ts';
import type { NatsLink } from './link.ts';
import { prepareRun } from './prepare-run.ts';
import { actorOf, bytesOf, Ear, runOf, scene, textOf } from './scene.fixture.ts';

const { server, link } = scene();
const run = runOf('a run');
const sender = actorOf('trainer');
const subject = subjectOf({ run, kind: 'receipt', sender });
let nats: Nats;
let operator: NatsLink;

beforeEach(async () => {
  nats = await server();
  operator = await link(nats, { name: 'operator' });
  await prepareRun(operator, { run, trainers: [sender] });
});

async function openPair() {
  const node = await link(nats, { name: 'node' });
  const bus = await NatsBus.open(node, { run, replay: 'all' });
  const heard = new Ear();
  bus.subscribe('flobc.v1.', ({ bytes }) => {
    heard.hear(textOf(bytes));
  });
  return { node, bus, heard, speaker: await NatsBus.open(operator, { run }) };
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `${from + i}`);

test.each(['kill', 'stop'] as const)(
  'a server that is restarted by %s loses nothing and doubles nothing',
  async (how) => {
    const { heard, speaker, bus } = await openPair();
    // All of it within what a sender may say at once.
    const said: Promise<void>[] = [];
    const say = (from: number, to: number): void => {
      for (const text of numbers(from, to)) said.push(speaker.publish(subject, bytesOf(text)));
    };
    say(0, 80);
    await heard.has(10);
    // In the middle of what is being said, while it is away, and after.
    say(80, 160);
    const ending = nats[how]();
    say(160, 200);
    await ending;
    say(200, 240);
    await nats.restart();
    say(240, 280);
    await Promise.all(said);
    await heard.has(280);
    const { state } = await operator.manager.streams.info(`FLOBC_${run}`);
    await bus.reached(state.last_seq);
    expect(state.messages).toBe(280);
    expect([...heard.heard].sort((a, b) => Number(a) - Number(b))).toEqual(numbers(0, 280));
  },
);

test('a link says when it is cut off and when it is back, and goes on where it was', async () => {
  const { node, heard, speaker } = await openPair();
  await speaker.publish(subject, bytesOf('before'));
  await heard.has(1);
  const states = new Ear();
  node.onState((state) => {
    states.hear(state);
  });
  expect(node.state).toBe('connected');
  await nats.kill();
  await states.has(1);
  expect(node.state).toBe('disconnected');
  await nats.restart();
  await states.has(2);
  expect(states.heard).toEqual(['disconnected', 'connected']);
  await speaker.publish(subject, bytesOf('after'));
  await heard.has(2);
  expect(heard.heard).toEqual(['before', 'after']);
  expect(node.traffic.bytesIn).toBeGreaterThan(0);
  expect(node.traffic.bytesOut).toBeGreaterThan(0);
});

test('objects are put and got over restarts', async () => {
  const blobs = new NatsBlobs(operator);
  const what = { kind: 'update', by: sender } as const;
  const before = await blobs.put(bytesOf('before'), what);
  await nats.kill();
  const putting = blobs.put(new Uint8Array(500_000).fill(7), what);
  const getting = blobs.get(before, 100, what);
  await nats.restart();
  expect(textOf((await getting)!)).toBe('before');
  expect((await blobs.get(await putting, 500_000, what))?.length).toBe(500_000);
});

test('patience ends: what nobody takes is a fault, and so is what is said after the end', async () => {
  const speaker = await NatsBus.open(operator, { run, publishPatienceMs: 50 });
  const blobs = new NatsBlobs(operator, { patienceMs: 50 });
  await nats.kill();
  const faultOf = (promise: Promise<unknown>) =>
    promise.then(
      () => null,
      (error: unknown) => (isFault(error) ? error.code : error),
    );
  expect(await faultOf(speaker.publish(subject, bytesOf('x')))).toBe('BUS_UNREACHABLE');
  expect(await faultOf(blobs.put(bytesOf('x')))).toBe('BLOBS_UNREACHABLE');
  expect(await faultOf(blobs.get(`0x${'00'.repeat(32)}`, 10))).toBe('BLOBS_UNREACHABLE');
  await operator.close();
  expect(await faultOf(speaker.publish(subject, bytesOf('x')))).toBe('BUS_UNREACHABLE');
});
