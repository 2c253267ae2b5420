import { createHash } from 'node:crypto';
import { createConnection } from 'node:net';
import { headers } from '@nats-io/nats-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { isFault } from '#libs/fault';
import type { BlobKind } from '#libs/ports';
import type { Digest } from '#libs/protocol';
import type { Nats } from '#libs/testkit';
import { subjectOf } from '#libs/wire';
import { NatsBlobs } from './blobs.ts';
import { NatsBus } from './bus.ts';
import type { NatsLink } from './link.ts';
import { bucketOf, inletOf, streamOf, streamOfBucket, updatesOf } from './names.ts';
import { defaultLimits, prepareRun, type RunLimits } from './prepare-run.ts';
import { NatsPublisher } from './publisher.ts';
import { actorOf, bytesOf, Ear, runOf, scene, textOf } from './scene.fixture.ts';
import { limitsConfig } from './security/server-config.ts';

const { server, link } = scene();
const trainer = actorOf('trainer');
const kibi = 1024;
let nats: Nats;
let operator: NatsLink;
let runs = 0;

beforeAll(async () => {
  nats = await server({ conf: limitsConfig() });
  operator = await link(nats, { name: 'operator' });
});

async function prepared(limits: Partial<RunLimits> = {}) {
  const run = runOf(`run ${runs}`);
  const owner = actorOf(`trainer ${runs++}`);
  await prepareRun(operator, { run, trainers: [owner], limits });
  const subject = subjectOf({ run, kind: 'receipt', sender: trainer });
  return { run, subject, what: { kind: 'update', by: owner } as const satisfies BlobKind };
}

const filled = (sizeBytes: number, value: number): Uint8Array => new Uint8Array(sizeBytes).fill(value);
const digestOf = (bytes: Uint8Array) => `0x${createHash('sha256').update(bytes).digest('hex')}` as const;

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const outcome: unknown = await promise.then(
    () => 'done',
    (error: unknown) => error,
  );
  return isFault(outcome) ? outcome.code : String(outcome);
}

describe('the stream of a run', () => {
  test('takes no message that is larger than messages are', async () => {
    const { subject } = await prepared({ maxMessageBytes: 1_000 });
    const publisher = new NatsPublisher(operator);
    expect(await codeOf(publisher.publish(subject, filled(500, 1)))).toBe('done');
    // Refused by the stream, and by the server before it comes to the stream.
    for (const size of [1_001, 1024 * kibi]) {
      expect(await codeOf(publisher.publish(subject, filled(size, 1)))).toBe('BUS_REFUSED');
    }
    expect(publisher.published).toBe(1);
  });

  test('takes in so many messages of one sender and kind in a time, and later takes them again', async () => {
    const { run, subject } = await prepared({ intake: { messages: 2, withinMs: 400 } });
    const quiet = subjectOf({ run, kind: 'receipt', sender: actorOf('quiet') });
    const bus = await NatsBus.open(await link(nats, { name: 'ear' }), { run });
    const heard = new Ear();
    bus.subscribe('flobc.', ({ bytes }) => {
      heard.hear(textOf(bytes));
    });
    for (let i = 0; i < 100; i++) operator.connection.publish(subject, bytesOf('flood'));
    const impatient = new NatsPublisher(operator, { publishPatienceMs: 1 });
    const fault: unknown = await impatient
      .publish(subject, bytesOf('too much'))
      .catch((error: unknown) => error);
    expect(fault).toMatchObject({
      code: 'BUS_UNREACHABLE',
      message: expect.stringContaining('maximum messages per subject') as string,
    });
    const publisher = new NatsPublisher(operator);
    await publisher.publish(quiet, bytesOf('quiet'));
    await publisher.publish(subject, bytesOf('later'));
    await heard.has(4);
    await bus.close();
    expect(heard.heard).toEqual(['flood', 'flood', 'quiet', 'later']);
  });

  // What the inlet lets pass and the mirror of it does not: a source instead of a mirror stood still at the first of these.
  test.each(['Nats-Expected-Stream', 'Nats-Expected-Last-Sequence', 'Nats-Expected-Last-Subject-Sequence'])(
    'is not held up by somebody who sends the header %s',
    async (header) => {
      const { run, subject } = await prepared();
      const bus = await NatsBus.open(await link(nats, { name: 'ear' }), { run });
      const heard = new Ear();
      bus.subscribe('flobc.', ({ bytes }) => {
        if (textOf(bytes) === 'honest') heard.hear(textOf(bytes));
      });
      const hostile = async (value: string): Promise<void> => {
        const set = headers();
        set.set(header, value);
        await operator.jetstream.publish(subject, bytesOf('hostile'), { headers: set }).catch(() => null);
      };
      for (let i = 0; i < 5; i++) {
        await hostile(inletOf(run));
        await hostile(`${(await operator.manager.streams.info(inletOf(run))).state.last_seq}`);
        await new NatsPublisher(operator).publish(subject, bytesOf('honest'));
        await heard.has(i + 1);
      }
      await bus.close();
    },
  );

  test('keeps so many messages of one sender and kind, and others their own', async () => {
    const { run, subject } = await prepared({ maxMessagesPerSubject: 3 });
    const quiet = subjectOf({ run, kind: 'receipt', sender: actorOf('quiet') });
    const publisher = new NatsPublisher(operator);
    await publisher.publish(quiet, bytesOf('quiet'));
    for (let i = 0; i < 10; i++) await publisher.publish(subject, bytesOf(`flood ${i}`));
    const bus = await NatsBus.open(await link(nats, { name: 'late' }), { run, replay: 'all' });
    const heard: string[] = [];
    bus.subscribe('flobc.', ({ bytes }) => heard.push(textOf(bytes)));
    await bus.caughtUp();
    expect(heard).toEqual(['quiet', 'flood 7', 'flood 8', 'flood 9']);
  });

  test('is heard within the budget of each sender, again as it was when it was new', async () => {
    const { run, subject } = await prepared();
    const admission = {
      maxMessageBytes: 1_000,
      budget: { messagesPerSecond: 1e-6, bytesPerSecond: 1e6, burstSeconds: 5e6 },
    };
    const publisher = new NatsPublisher(operator);
    const quiet = subjectOf({ run, kind: 'receipt', sender: actorOf('quiet') });
    for (let i = 0; i < 8; i++) await publisher.publish(subject, bytesOf(`flood ${i}`));
    await publisher.publish(quiet, bytesOf('quiet'));
    await publisher.publish(subjectOf({ run, kind: 'ballot', sender: trainer }), bytesOf('too much'));
    await publisher.publish(`flobc.v1.${run}.nonsense.${trainer}`, bytesOf('nonsense'));
    const bus = await NatsBus.open(await link(nats, { name: 'listener' }), { run, replay: 'all', admission });
    const heard: string[] = [];
    bus.subscribe('flobc.', ({ bytes }) => heard.push(textOf(bytes)));
    await bus.caughtUp();
    expect(heard).toEqual([...Array.from({ length: 5 }, (_, i) => `flood ${i}`), 'quiet']);
    expect(bus.counts.refused).toEqual({ size: 0, subject: 1, budget: 4 });
  });

  test('is changed to what is asked for, and keeps what it holds', async () => {
    const { run, subject } = await prepared();
    await new NatsPublisher(operator).publish(subject, bytesOf('kept'));
    const more = { ...defaultLimits, maxMessagesPerSubject: 7 };
    for (const limits of [more, more]) await prepareRun(operator, { run, trainers: [trainer], limits });
    const { config, state } = await operator.manager.streams.info(streamOf(run));
    expect(config.max_msgs_per_subject).toBe(7);
    expect(state.messages).toBe(1);
  });

  test('that is not there is a fault that says who has to act', async () => {
    const fault: unknown = await NatsBus.open(operator, { run: runOf('never') }).catch(
      (error: unknown) => error,
    );
    expect(fault).toMatchObject({ code: 'BUS_REFUSED' });
    expect(isFault(fault) && fault.hint).toMatch(/operator prepare the run/);
  });
});

test('junk of a megabyte over a bare connection is refused by the server, which goes on', async () => {
  const { run, subject } = await prepared();
  const said = await new Promise<string>((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port: nats.port });
    let text = '';
    socket.on('data', (bytes) => (text += bytes.toString()));
    socket.on('error', () => undefined);
    socket.once('close', () => {
      resolve(text);
    });
    // The size alone is enough: of what it announces nothing is waited for.
    socket.write(`CONNECT {}\r\nPUB ${subject} ${1024 * kibi}\r\n`);
  });
  expect(said).toMatch(/-ERR 'Maximum Payload Violation'/);
  expect((await operator.manager.streams.info(streamOf(run))).state.messages).toBe(0);
});

describe('a bucket', () => {
  const small = { maxBytes: 300 * kibi, maxAgeMs: 3_600_000 };

  test('that refuses is full: what is there stays, and nothing of the new object', async () => {
    const { what } = await prepared({ updates: { ...small, whenFull: 'refuse' } });
    const blobs = new NatsBlobs(operator);
    const kept = filled(200 * kibi, 1);
    const digest = await blobs.put(kept, what);
    const before = await operator.manager.streams.info(streamOfBucket(updatesOf(what.by)));
    expect(await codeOf(blobs.put(filled(200 * kibi, 2), what))).toBe('BLOBS_FULL');
    expect(await codeOf(blobs.put(filled(400 * kibi, 3), what))).toBe('BLOBS_FULL');
    const after = await operator.manager.streams.info(streamOfBucket(updatesOf(what.by)));
    expect(after.state.bytes).toBe(before.state.bytes);
    expect(await blobs.get(digest, 200 * kibi, what)).not.toBeNull();
    // What is there needs no room.
    expect(await codeOf(blobs.put(kept, what))).toBe('done');
  });

  test('that is full only when the object comes says so as well', async () => {
    const { what } = await prepared({ updates: { ...small, whenFull: 'refuse' } });
    const racing = [1, 2, 3].map((value) =>
      codeOf(new NatsBlobs(operator).put(filled(200 * kibi, value), what)),
    );
    const codes = await Promise.all(racing);
    expect(codes).toContain('BLOBS_FULL');
    expect(codes.every((code) => ['done', 'BLOBS_FULL'].includes(code))).toBe(true);
  });

  test('that drops its oldest takes every object that fits, and the oldest is not there any more', async () => {
    const { what } = await prepared({ updates: { ...small, whenFull: 'dropOldest' } });
    const blobs = new NatsBlobs(operator);
    const digests: Digest[] = [];
    for (let value = 0; value < 5; value++) digests.push(await blobs.put(filled(100 * kibi, value), what));
    expect(await blobs.get(digests[0]!, 100 * kibi, what)).toBeNull();
    expect(await blobs.get(digests.at(-1)!, 100 * kibi, what)).not.toBeNull();
    expect(await codeOf(blobs.put(filled(400 * kibi, 9), what))).toBe('BLOBS_FULL');
  });

  test('forgets what is old', async () => {
    const { what } = await prepared({ updates: { ...small, maxAgeMs: 200, whenFull: 'refuse' } });
    const blobs = new NatsBlobs(operator);
    const digest = await blobs.put(filled(10, 1), what);
    expect(await blobs.get(digest, 10, what)).not.toBeNull();
    // Asking is the only way to learn that it is gone.
    while ((await blobs.get(digest, 10, what)) !== null);
  });
});

describe('an object', () => {
  /** Writes a record as somebody hostile would. */
  async function forge(what: BlobKind, object: string, record: object | string): Promise<void> {
    const text = typeof record === 'string' ? record : JSON.stringify(record);
    const name = Buffer.from(object).toString('base64');
    await operator.jetstream.publish(`$O.${bucketOf(what)}.M.${name}`, bytesOf(text));
  }

  test('that is put again costs no room', async () => {
    const { what } = await prepared();
    const blobs = new NatsBlobs(operator);
    await blobs.put(filled(100_000, 1), what);
    const before = await operator.manager.streams.info(streamOfBucket(updatesOf(what.by)));
    await blobs.put(filled(100_000, 1), what);
    const after = await operator.manager.streams.info(streamOfBucket(updatesOf(what.by)));
    expect(after.state.last_seq).toBe(before.state.last_seq);
  });

  test('that several put at once is stored once', async () => {
    const { what } = await prepared();
    const bytes = filled(500_000, 1);
    const puts = Array.from({ length: 5 }, () => new NatsBlobs(operator).put(bytes, what));
    await Promise.all(puts);
    const { state } = await operator.manager.streams.info(streamOfBucket(updatesOf(what.by)));
    expect(state.bytes).toBeLessThan(2 * bytes.length);
  });

  test('is still there when somebody says nonsense of it, and when it is put again, too', async () => {
    const { what } = await prepared();
    const blobs = new NatsBlobs(operator);
    const bytes = filled(300_000, 1);
    const digest = await blobs.put(bytes, what);
    const chunk = { name: digest, nuid: 'x', size: 10, chunks: 1, metadata: { sequences: '1' } };
    const records = ['nonsense', {}, { ...chunk, size: 1e9 }, chunk, { ...chunk, deleted: true }];
    for (const record of records) {
      await forge(what, digest, record);
      expect((await blobs.get(digest, 300_000, what))?.length).toBe(300_000);
      expect(await blobs.put(bytes, what)).toBe(digest);
    }
  });

  test('that is not what it is called is not given, however large it says it is', async () => {
    const { what } = await prepared();
    const blobs = new NatsBlobs(operator);
    const bytes = filled(300_000, 1);
    await blobs.put(bytes, what);
    const other = digestOf(bytesOf('other'));
    const record = { name: other, nuid: 'x', chunks: 3 };
    for (const [size, sequences] of [
      [300_000, '1,2,3'],
      [1_000, '1,2,3'],
      [10 ** 12, '1,2,3'],
      [300_000, '1,1,1'],
      [300_000, ''],
      [0, ''],
      [300_000, '7,8,99'],
    ] as const) {
      await forge(what, other, { ...record, size, metadata: { sequences } });
      expect(await blobs.get(other, 1_000_000, what)).toBeNull();
    }
    expect(await blobs.get(await blobs.put(bytesOf('other'), what), 100, what)).not.toBeNull();
  });

  test('of somebody whom the operator does not know has no bucket', async () => {
    const what = { kind: 'update', by: actorOf('stranger') } as const;
    const fault: unknown = await new NatsBlobs(operator)
      .put(bytesOf('x'), what)
      .catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'BLOBS_REFUSED' });
    expect(isFault(fault) && fault.hint).toMatch(/operator prepare the run for this member/);
  });
});

test('a link counts what goes over it', async () => {
  const node = await link(nats, { name: 'counted' });
  const before = node.traffic;
  const heard = new Ear<number>();
  node.connection.subscribe('counted', {
    callback: (_, { data }) => {
      heard.hear(data.length);
    },
  });
  node.connection.publish('counted', filled(1_000, 0));
  await heard.has(1);
  expect(node.traffic.bytesOut - before.bytesOut).toBe(1_000);
  expect(node.traffic.bytesIn - before.bytesIn).toBe(1_000);
  expect(node.traffic.messagesIn - before.messagesIn).toBe(1);
});
