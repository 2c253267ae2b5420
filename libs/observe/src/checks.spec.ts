import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BullRoundJobs } from '#libs/bullmq';
import { openJsonRpcChain } from '#libs/evm';
import { openNats } from '#libs/nats';
import type { RunState } from '#libs/protocol';
import { type Anvil, type Nats, type RedisServer, startAnvil, startNats, startRedis } from '#libs/testkit';
import { chainCheck, connectionCheck, deadlineCheck, stageCheck } from './checks.ts';

describe('against servers that go away', () => {
  let nats: Nats;
  let redis: RedisServer;
  let anvil: Anvil;
  beforeAll(async () => {
    [nats, redis, anvil] = await Promise.all([startNats(), startRedis(), startAnvil()]);
  });
  afterAll(async () => {
    await Promise.all([nats.close(), redis.close(), anvil.stop()]);
  });

  test('NATS', async () => {
    const link = await openNats({ servers: [nats.url], name: 'observer' });
    const check = connectionCheck('nats', () => link.state === 'connected');
    expect(await check.look()).toEqual({ ok: true, facts: {} });
    const gone = link.changed(10_000);
    await nats.kill();
    await gone;
    expect(await check.look()).toEqual({ ok: false, facts: { message: 'not connected' } });
    const back = link.changed(10_000);
    await nats.restart();
    await back;
    expect((await check.look()).ok).toBe(true);
    await link.close();
  });

  test('Redis', async () => {
    const jobs = await BullRoundJobs.open({ url: redis.url, run: 'checked' });
    const check = connectionCheck('redis', () => jobs.isConnected);
    expect((await check.look()).ok).toBe(true);
    await redis.kill();
    await expect.poll(async () => (await check.look()).ok).toBe(false);
    await redis.restart('everything');
    await expect.poll(async () => (await check.look()).ok).toBe(true);
    await jobs.close();
  });

  test('the chain, which is asked no longer than it may take', async () => {
    const chain = await openJsonRpcChain({ url: anvil.url, pollMs: 10 });
    const check = chainCheck(chain, Date.now, undefined);
    expect(await check.look()).toMatchObject({ ok: true, facts: { block: 0 } });
    await anvil.kill();
    const since = performance.now();
    expect(await check.look()).toEqual({ ok: false, facts: { message: 'does not answer' } });
    expect(performance.now() - since).toBeLessThan(5_000);
    await chain.close();
  });
});

test('a chain that stands still is not ready where that was asked for', async () => {
  const head = { number: 7, timeSeconds: 100 } as never;
  const chain = { head: () => Promise.resolve(head) };
  const at = (nowSeconds: number, staleAfterMs?: number) =>
    chainCheck(chain, () => nowSeconds * 1000, staleAfterMs).look();
  expect(await at(160)).toEqual({ ok: true, facts: { block: 7, ageSeconds: 60 } });
  expect(await at(160, 60_000)).toMatchObject({ ok: true });
  expect(await at(161, 60_000)).toEqual({
    ok: false,
    facts: { block: 7, ageSeconds: 61, message: 'no new blocks' },
  });
});

test('a run that nobody moves on is not ready, and says whom it waits for', async () => {
  const state = { stage: { kind: 'created', dueMs: 10_000 }, config: {}, roll: {} } as unknown as RunState;
  const at = (nowMs: number) =>
    deadlineCheck(
      () => state,
      () => nowMs,
    ).look();
  expect(await at(30_000)).toEqual({ ok: true, facts: { phase: 'created' } });
  expect(await at(30_001)).toEqual({
    ok: false,
    facts: { phase: 'created', message: 'created is overdue', overdueSeconds: 20, waitsFor: ['sponsor'] },
  });
  const over = { ...state, stage: { kind: 'finished' } } as unknown as RunState;
  expect(
    await deadlineCheck(
      () => over,
      () => 1e12,
    ).look(),
  ).toMatchObject({ ok: true });
});

test('a node is ready at one stage only', async () => {
  let stage = 'catching up';
  const check = stageCheck(() => stage, 'taking part');
  expect(await check.look()).toEqual({ ok: false, facts: { stage } });
  stage = 'taking part';
  expect((await check.look()).ok).toBe(true);
});
