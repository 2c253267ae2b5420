import { AckPolicy, type ConsumerConfig, jetstreamManager } from '@nats-io/jetstream';
import { NoRespondersError, PermissionViolationError } from '@nats-io/nats-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { isFault } from '#libs/fault';
import type { BlobKind } from '#libs/ports';
import type { Nats } from '#libs/testkit';
import { type Kind, kinds } from '#libs/wire';
import { NatsBlobs } from '../blobs.ts';
import { NatsBus } from '../bus.ts';
import { deleteConsumer } from '../durable.ts';
import type { NatsLink } from '../link.ts';
import { bucketOf, buckets, streamOf, streamOfBucket, updatesOf } from '../names.ts';
import { prepareRun } from '../prepare-run.ts';
import { NatsPublisher } from '../publisher.ts';
import { actorOf, bytesOf, Ear, objectOf, runOf, scene, textOf } from '../scene.fixture.ts';
import { createNKey } from './nkey.ts';
import { linkNameOf, type NatsUser } from './permissions.ts';
import { serverConfig } from './server-config.ts';

const { server, link } = scene();
const run = runOf('a run');
const [alice, bob, vera] = [actorOf('alice'), actorOf('bob'), actorOf('vera')];
const runStream = streamOf(run);

const seeds = new Map<string, string>();
function user(one: Omit<NatsUser, 'publicKey'>): NatsUser {
  const key = createNKey();
  const made = { ...one, publicKey: key.publicKey } as NatsUser;
  seeds.set(linkNameOf(made), key.seed);
  return made;
}

const users = [
  user({ role: 'trainer', address: alice } as NatsUser),
  user({ role: 'trainer', address: bob } as NatsUser),
  user({ role: 'validator', address: vera } as NatsUser),
  user({ role: 'scheduler', name: 'scheduler-0' } as NatsUser),
  user({ role: 'observer', name: 'observer' } as NatsUser),
  user({ role: 'operator', name: 'operator' } as NatsUser),
];

let nats: Nats;
const links = new Map<string, NatsLink>();
const linkOf = (name: string): NatsLink => links.get(name)!;

beforeAll(async () => {
  nats = await server({ conf: (place) => serverConfig({ ...place, host: '127.0.0.1', users }) });
  for (const one of users) {
    const name = linkNameOf(one);
    links.set(name, await link(nats, { name, credentials: seeds.get(name)! }));
  }
  await prepareRun(linkOf('operator'), { run, trainers: [alice, bob] });
});

const subject = (kind: Kind, sender: string): string => `flobc.v1.${run}.${kind}.${sender}`;

/** Whether the server lets a user publish: it says no, or whatever is there answers. */
async function mayPublish(name: string, to: string, bytes: Uint8Array = bytesOf('{}')): Promise<boolean> {
  try {
    await linkOf(name).connection.request(to, bytes, { timeout: 2_000 });
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.cause instanceof PermissionViolationError) return false;
    if (error.cause instanceof NoRespondersError || error instanceof NoRespondersError) return true;
    throw error;
  }
}

async function maySubscribe(name: string, to: string): Promise<boolean> {
  const { connection } = linkOf(name);
  let refused = false;
  const subscription = connection.subscribe(to, {
    callback: (error) => {
      refused ||= error !== null;
    },
  });
  await connection.flush();
  subscription.unsubscribe();
  return !refused;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const outcome: unknown = await promise.then(
    () => 'done',
    (error: unknown) => error,
  );
  return isFault(outcome) ? outcome.code : String(outcome);
}

const says: readonly (readonly [string, readonly Kind[]])[] = [
  [alice, ['receipt', 'updateKey', 'join', 'leave', 'checkIn']],
  [
    vera,
    [
      'receipt',
      'lineupProposal',
      'lineupSignature',
      'ballot',
      'certificateSignature',
      'release',
      'join',
      'leave',
      'checkIn',
    ],
  ],
  ['scheduler-0', []],
  ['observer', []],
  ['operator', []],
];

describe('messages', () => {
  test.each(says)('%s says what its role says, in its own name', async (name, own) => {
    for (const kind of kinds) {
      expect([kind, await mayPublish(name, subject(kind, name))]).toEqual([kind, own.includes(kind)]);
    }
  });

  test.each(says)('%s says nothing in the name of others', async (name) => {
    for (const kind of kinds) {
      // Receipts that somebody lacks are shared by Validators.
      const expected = name === vera && kind === 'receipt';
      expect([kind, await mayPublish(name, subject(kind, bob))]).toEqual([kind, expected]);
    }
    expect(await mayPublish(name, 'anything.else')).toBe(false);
  });

  test.each(users.map(linkNameOf))('%s hears all of a run by its own consumer', async (name) => {
    const bus = await NatsBus.open(linkOf(name), { run, replay: 'all' });
    const heard = new Ear();
    bus.subscribe('flobc.v1.', ({ bytes }) => {
      if (textOf(bytes).startsWith('hello')) heard.hear(textOf(bytes));
    });
    await bus.caughtUp();
    const before = heard.heard.length;
    await new NatsPublisher(linkOf(bob)).publish(subject('receipt', bob), bytesOf(`hello ${name}`));
    await heard.has(before + 1);
    await bus.close();
  });

  test('one who may not is told so, with what to do', async () => {
    const bus = await NatsBus.open(linkOf(alice), { run });
    const publishing = bus.publish(subject('ballot', alice), bytesOf('x'));
    const fault: unknown = await publishing.catch((error: unknown) => error);
    await bus.close();
    expect(fault).toMatchObject({
      code: 'BUS_REFUSED',
      hint: expect.stringMatching(/another member or role/) as string,
    });
  });
});

describe('objects', () => {
  const whats: readonly (readonly [string, BlobKind, readonly string[], readonly string[]])[] = [
    [
      "alice's updates",
      { kind: 'update', by: alice },
      [alice],
      [alice, vera, 'scheduler-0', 'observer', 'operator'],
    ],
    ['models', { kind: 'model' }, [vera], users.map(linkNameOf)],
    ['lineups', { kind: 'lineup' }, [vera], users.map(linkNameOf)],
  ];

  test.each(whats)(
    '%s are written by whom they are of, and read by whom they concern',
    async (_, what, writers, readers) => {
      const kept = objectOf(what, `kept ${JSON.stringify(what)}`);
      const digest = await new NatsBlobs(linkOf(writers[0]!)).put(kept, what);
      for (const name of users.map(linkNameOf)) {
        const blobs = new NatsBlobs(linkOf(name));
        const put = await codeOf(blobs.put(objectOf(what, `by ${name}`), what));
        expect([name, 'put', put]).toEqual([name, 'put', writers.includes(name) ? 'done' : 'BLOBS_REFUSED']);
        const got = await blobs.get(digest, 1_000, what).then(
          (bytes) => bytes !== null && textOf(bytes) === textOf(kept),
          (error: unknown) => (isFault(error) ? error.code : error),
        );
        expect([name, 'get', got]).toEqual([name, 'get', readers.includes(name) ? true : 'BLOBS_REFUSED']);
        // Not by way of the put's own questions: directly.
        for (const part of ['C.x', 'M.x']) {
          const direct = await mayPublish(name, `$O.${bucketOf(what)}.${part}`);
          expect([name, part, direct]).toEqual([name, part, writers.includes(name)]);
        }
      }
    },
  );
});

describe('nobody but the operator', () => {
  const members = users.map(linkNameOf).filter((name) => name !== 'operator');
  const streams = [runStream, streamOfBucket(buckets.model), streamOfBucket(updatesOf(alice)), 'NEW'];

  test.each(members)(
    '%s may make, change, purge or delete streams, or take messages out of them',
    async (name) => {
      for (const stream of streams) {
        for (const verb of [
          'CREATE',
          'UPDATE',
          'PURGE',
          'DELETE',
          'MSG.DELETE',
          'SNAPSHOT',
          'RESTORE',
          'LEADER.STEPDOWN',
        ]) {
          expect([verb, await mayPublish(name, `$JS.API.STREAM.${verb}.${stream}`)]).toEqual([verb, false]);
        }
      }
      for (const verb of [
        'INFO',
        'STREAM.LIST',
        'STREAM.NAMES',
        'META.LEADER.STEPDOWN',
        'SERVER.REMOVE',
        'ACCOUNT.PURGE.X',
      ]) {
        expect([verb, await mayPublish(name, `$JS.API.${verb}`)]).toEqual([verb, false]);
      }
    },
  );

  test.each(members)('%s may touch the consumers of others, or the answers to them', async (name) => {
    const other = name === bob ? alice : bob;
    for (const verb of ['INFO', 'DELETE', 'MSG.NEXT', 'CREATE', 'DURABLE.CREATE']) {
      expect([verb, await mayPublish(name, `$JS.API.CONSUMER.${verb}.${runStream}.${other}`)]).toEqual([
        verb,
        false,
      ]);
    }
    expect(await mayPublish(name, `$JS.API.CONSUMER.CREATE.${runStream}.${other}.flobc.v1.${run}.>`)).toBe(
      false,
    );
    expect(await mayPublish(name, `$JS.API.CONSUMER.CREATE.${runStream}`)).toBe(false);
    expect(await mayPublish(name, `$JS.ACK.${runStream}.${other}.1.1.1.1.0`)).toBe(false);
    expect(await maySubscribe(name, `_INBOX_${other}.>`)).toBe(false);
    for (const to of ['>', '_INBOX.>', 'flobc.v1.>', `$O.${updatesOf(other)}.>`, '$JS.EVENT.>', '$SYS.>']) {
      expect([to, await maySubscribe(name, to)]).toEqual([to, false]);
    }
  });
});

describe('a consumer of updates in the form of one of messages', () => {
  const config = (filter: string): Partial<ConsumerConfig> => ({
    name: alice,
    durable_name: alice,
    ack_policy: AckPolicy.Explicit,
    filter_subject: filter,
  });
  const make = async (stream: string, asked: string, filter: string) => {
    const message = await linkOf(alice).connection.request(
      `$JS.API.CONSUMER.CREATE.${stream}.${alice}.${asked}`,
      JSON.stringify({ stream_name: stream, config: config(filter), action: 'create' }),
      { timeout: 2_000 },
    );
    return message.json<{ error?: { description: string } }>();
  };

  test('is not made: neither is its filter one of the bucket, nor may it differ from what was asked', async () => {
    const stream = streamOfBucket(updatesOf(bob));
    const bucketFilter = `$O.${updatesOf(bob)}.>`;
    expect((await make(stream, 'flobc.v1.>', 'flobc.v1.>')).error).toBeDefined();
    expect((await make(stream, 'flobc.v1.>', bucketFilter)).error).toBeDefined();
    expect((await make(stream, 'flobc.v1.>', '')).error).toBeDefined();
    expect(await mayPublish(alice, `$JS.API.CONSUMER.CREATE.${stream}.${alice}.${bucketFilter}`)).toBe(false);
    const manager = await jetstreamManager(linkOf('operator').connection);
    expect(await manager.consumers.list(stream).next()).toEqual([]);
  });
});

describe('an answer that is asked for under a subject that its asker may not publish to', () => {
  const tricks = [
    `$JS.API.STREAM.PURGE.${streamOfBucket(buckets.lineup)}`,
    `$JS.API.STREAM.DELETE.${streamOfBucket(buckets.lineup)}`,
    `$O.${buckets.model}.M.x`,
    `$O.${updatesOf(bob)}.C.x`,
    subject('ballot', vera),
  ];
  const asked: readonly (readonly [string, string])[] = [
    [`DIRECT.GET.${streamOfBucket(buckets.lineup)}`, JSON.stringify({ seq: 1 })],
    [`STREAM.MSG.GET.${streamOfBucket(buckets.lineup)}`, JSON.stringify({ seq: 1 })],
    [`STREAM.INFO.${streamOfBucket(updatesOf(alice))}`, ''],
    [`CONSUMER.MSG.NEXT.${runStream}.${alice}`, '1'],
  ];

  test('comes nowhere', async () => {
    const { connection } = linkOf(alice);
    const operator = linkOf('operator');
    const lineup = await new NatsBlobs(linkOf(vera)).put(objectOf({ kind: 'lineup' }, 'one'), {
      kind: 'lineup',
    });
    const bus = await NatsBus.open(linkOf(alice), { run, replay: 'all' });
    await new NatsPublisher(linkOf(alice)).publish(subject('receipt', alice), bytesOf('x'));
    const state = async (): Promise<number[]> => {
      const streams = [runStream, ...[buckets.model, buckets.lineup, updatesOf(bob)].map(streamOfBucket)];
      const infos = await Promise.all(streams.map((stream) => operator.manager.streams.info(stream)));
      return infos.map(({ state: { last_seq } }) => last_seq);
    };
    const before = await state();
    for (const reply of tricks) {
      for (const [what, body] of asked) connection.publish(`$JS.API.${what}`, body, { reply });
    }
    // The server answers in order: when these are answered the others have been.
    for (const [what, body] of asked.slice(0, 3)) {
      await connection.request(`$JS.API.${what}`, body, { timeout: 2_000 });
    }
    expect(await state()).toEqual(before);
    expect(await new NatsBlobs(linkOf(bob)).get(lineup, 1_000, { kind: 'lineup' })).not.toBeNull();
    await bus.close();
  });

  test('nor does what a consumer is told to deliver there', async () => {
    const operator = linkOf('operator');
    const deliver = (to: string) =>
      linkOf(alice).connection.request(
        `$JS.API.CONSUMER.CREATE.${runStream}.${alice}.flobc.v1.${run}.>`,
        JSON.stringify({
          stream_name: runStream,
          action: 'create',
          config: {
            ...{ name: alice, durable_name: alice, filter_subject: `flobc.v1.${run}.>` },
            ...{ ack_policy: 'none', deliver_policy: 'all', deliver_subject: to },
          },
        }),
        { timeout: 2_000 },
      );
    const model = streamOfBucket(buckets.model);
    const before = (await operator.manager.streams.info(model)).state.last_seq;
    for (const to of tricks) {
      await deleteConsumer(operator, runStream, alice);
      await deliver(to);
      await linkOf(alice).connection.flush();
    }
    expect((await operator.manager.streams.info(model)).state.last_seq).toBe(before);
    await operator.manager.streams.info(streamOfBucket(buckets.lineup));
    await deleteConsumer(operator, runStream, alice);
  });
});

test('a seed is nowhere in the configuration of the server', () => {
  const text = serverConfig({ name: 'x', host: '127.0.0.1', port: -1, storeDir: '/tmp/x', users });
  for (const seed of seeds.values()) expect(text).not.toContain(seed);
});

test('keys that are none, and names that are taken, are faults', () => {
  const config = (some: readonly NatsUser[]) => () =>
    serverConfig({ name: 'x', host: '127.0.0.1', port: -1, storeDir: '/tmp/x', users: some });
  expect(config([{ ...users[0]!, publicKey: seeds.get(alice)! }])).toThrow(/no public key of a user/);
  expect(config([users[0]!, users[0]!])).toThrow(/one name/);
});
