import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '#libs/testkit';
import { names, type SweepOffer, type TrialOrder } from './records.ts';
import { type Returned, SweepBoard } from './sweep-board.ts';
import { SweepWorker } from './sweep-worker.ts';
import type { TakenTrial } from './taken-trial.ts';

const build = { commit: 'abc', sources: `0x${'1'.repeat(64)}` as const, node: 'v22', platform: 'linux-x64' };
const needs = { datasets: [], files: [] };
const offer: SweepOffer = { version: 1, name: 'ratio', host: 'h', build, needs };
const order: TrialOrder = { title: 'seed 1', plan: { name: 'x' }, policy: null, commit: null };
const [one, two] = ['a'.repeat(64), 'b'.repeat(64)];

let redis: RedisServer;
let raw: Redis;
let folder = '';
let board: SweepBoard;
let sweeps = 0;
let sweep = '';
const workers: SweepWorker[] = [];

beforeAll(async () => {
  redis = await startRedis();
  raw = new Redis(redis.url);
});
afterAll(async () => {
  raw.disconnect();
  await redis.close();
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flobc-trials-'));
  mkdirSync(join(folder, 'from/blobs'), { recursive: true });
  writeFileSync(join(folder, 'from/summary.json'), 'the end');
  writeFileSync(join(folder, 'from/blobs/5'), randomBytes(9_000_000));
  sweep = String(++sweeps).padStart(32, '0');
  board = await SweepBoard.open({ url: redis.url, sweep });
  await board.offer(offer);
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.close();
  await board.end();
  await board.close();
  rmSync(folder, { recursive: true });
  expect((await raw.keys('*')).filter((key) => key.includes(sweep))).toEqual([]);
});

async function worker(name = 'w'): Promise<SweepWorker> {
  const card = { name, parallel: 1, build };
  const judge = () => Promise.resolve(null);
  const opened = await SweepWorker.open({ url: redis.url, card, judge, onSweep: () => undefined });
  workers.push(opened);
  return opened;
}

const finish = (taken: TakenTrial) =>
  taken.finish({ kind: 'ended', seconds: 1, accuracy: 0.5, memoryBytes: 1, folder: join(folder, 'from') });

const take = (
  returned: Returned | undefined,
  to: string,
  isKnown: (name: string) => boolean = () => true,
) => {
  if (returned?.outcome?.kind !== 'ended') throw new Error('it has not ended');
  return board.take(returned.outcome, join(folder, to), isKnown);
};

describe('trials of a sweep', () => {
  test('are there once, are taken once, and come back with their files', async () => {
    await board.add(new Map([[one, order]]));
    await board.add(new Map([[one, order]]));
    const [first, second] = [await worker('first'), await worker('second')];
    const taken = await first.next();
    expect(await second.next()).toBeUndefined();
    expect(taken).toMatchObject({ trial: one, order, offer, isHopeless: false });
    taken!.say({ round: 3, accuracy: 0.5 });
    await expect.poll(async () => (await board.look()).active.get(one)).toMatchObject({ round: 3 });
    expect(await finish(taken!)).toMatchObject({ kind: 'ended' });
    const { returned, count } = await board.look();
    expect(count).toBe(1);
    await take(returned[0], 'to');
    for (const name of ['summary.json', 'blobs/5'])
      expect(readFileSync(join(folder, 'to', name)).equals(readFileSync(join(folder, 'from', name)))).toBe(
        true,
      );
    // Not even a trial that has come to its end is put there a second time.
    await board.add(new Map([[one, order]]));
    expect(await second.next()).toBeUndefined();
    await board.remove(returned[0]!);
    expect(await board.look()).toMatchObject({ returned: [], count: 0 });
  });

  test('that are given back are for others, those that fail are told', async () => {
    await board.add(new Map([[one, order]]));
    const [first, second] = [await worker('first'), await worker('second')];
    await (await first.next())!.giveBack();
    const taken = await second.next();
    await taken!.finish({ kind: 'failed', code: 'X', message: 'bad\u001b[2J\nluck' });
    expect((await board.look()).returned[0]?.outcome).toEqual({
      ...{ kind: 'failed', worker: 'second', code: 'X', message: 'bad [2J\nluck' },
    });
  });

  test('that a worker has lost are run by another one, and count once', { timeout: 60_000 }, async () => {
    await board.add(new Map([[one, order]]));
    const [slow, quick] = [await worker('slow'), await worker('quick')];
    const lost = await slow.next();
    // As if it had said nothing for too long.
    await raw.del(`bull:${names.queue(sweep)}:${one}:lock`);
    let again: TakenTrial | undefined;
    await expect
      .poll(async () => (again = await quick.next()), { timeout: 40_000, interval: 200 })
      .toBeDefined();
    expect(await finish(lost!)).toBeUndefined();
    expect(await finish(again!)).toMatchObject({ kind: 'ended' });
    const { returned } = await board.look();
    expect(returned).toMatchObject([{ trial: one, outcome: { worker: 'quick' } }]);
    expect(await raw.hlen(names.sizes(sweep))).toBe(1);
  });

  test('that nobody has begun are taken back', async () => {
    await board.add(new Map([one, two].map((trial) => [trial, order])));
    const only = await worker();
    const taken = await only.next();
    await board.withdraw();
    expect(await only.next()).toBeUndefined();
    expect(await finish(taken!)).toMatchObject({ kind: 'ended' });
    expect((await board.look()).returned).toMatchObject([{ trial: one }]);
  });

  test('are missed when Redis has lost them', async () => {
    await board.add(new Map([[one, order]]));
    await raw.flushdb();
    expect((await board.look()).count).toBe(-1);
    await board.offer(offer);
    expect((await board.look()).count).toBe(0);
  });

  test('whose files Redis does not take fail, and say why', async () => {
    await board.add(new Map([[one, order]]));
    const taken = (await (await worker()).next())!;
    await raw.config('SET', 'maxmemory', '8mb');
    const outcome = await finish(taken);
    await raw.config('SET', 'maxmemory', '0');
    expect(outcome).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('maxmemory') as string,
    });
  });
});

describe('what a stranger puts into Redis', () => {
  async function returned(change: (parcel: Record<string, unknown>) => void): Promise<Returned | undefined> {
    await board.add(new Map([[one, order]]));
    await finish((await (await worker()).next())!);
    const key = `bull:${names.queue(sweep)}:${one}`;
    const outcome = JSON.parse((await raw.hget(key, 'returnvalue'))!) as { parcel: Record<string, unknown> };
    change(outcome.parcel);
    await raw.hset(key, 'returnvalue', JSON.stringify(outcome));
    return (await board.look()).returned[0];
  }
  type Files = { name: string; sizeBytes: number; digest: string }[];
  const file = (parcel: Record<string, unknown>) => (parcel.files as Files).at(-1)!;

  test.each(['../summary.json', '/summary.json', '.bashrc', 'blobs/../../x', 'a/b/c'])(
    'a file called %s is no outcome',
    async (name) => {
      expect(await returned((parcel) => (file(parcel).name = name))).toEqual({
        trial: one,
        outcome: undefined,
      });
    },
  );

  test.each([
    ['a name of no file of a trial', (parcel) => (file(parcel).name = 'x.sh'), /no file of a trial/],
    ['another digest', (parcel) => (file(parcel).digest = `0x${'2'.repeat(64)}`), /another content/],
    ['another size', (parcel) => (file(parcel).sizeBytes = 3), /another size/],
    ['more than there is', (parcel) => (file(parcel).sizeBytes = 100), /not all there/],
    ['more than is borne', (parcel) => (file(parcel).sizeBytes = 1e12), /at most/],
    ['the same file twice', (parcel) => (parcel.files as Files).push(file(parcel)), /twice/],
  ] as [string, (parcel: Record<string, unknown>) => void, RegExp][])(
    '%s is refused',
    async (_, change, why) => {
      const isKnown = (name: string) => name !== 'x.sh';
      const taking = take(await returned(change), 'to', isKnown);
      await expect(taking).rejects.toMatchObject({ code: 'RESULTS_INVALID' });
      await expect(taking).rejects.toThrow(why);
      expect(existsSync(join(folder, 'to/x.sh'))).toBe(false);
    },
  );

  test('parts that would be large are not unpacked', async () => {
    const ended = await returned(() => undefined);
    const [key] = await raw.keys(`flobc-parcel-${sweep}-*`);
    await raw.lset(key!, 0, gzipSync(Buffer.alloc(64 << 20)));
    await expect(take(ended, 'to')).rejects.toThrow(/cannot be unpacked/);
  });

  test('an order that is none is no trial', async () => {
    await board.add(new Map([[one, order]]));
    await raw.hset(`bull:${names.queue(sweep)}:${one}`, 'data', '{"packed":"AAAA"}');
    expect((await (await worker()).next())?.order).toBeUndefined();
  });
});
