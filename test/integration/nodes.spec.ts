import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generator } from '#libs/random';
import { keyOf, privateKeyOf } from '#libs/simulation';
import { SchedulerModule } from '../../apps/scheduler/src/scheduler.module.ts';
import { TrainerModule } from '../../apps/trainer/src/trainer.module.ts';
import { type HostedWorld, keyNamed, openHostedWorld, table } from './nodes.fixture.ts';

// Nodes as their processes are, but in this one: Nest, NATS, Redis and a chain are real.

let hosted: HostedWorld;
beforeAll(async () => {
  hosted = await openHostedWorld();
});
afterAll(() => hosted.close());

const health = (text: string) =>
  (JSON.parse(text) as { details: Record<string, { status: string } & Record<string, unknown>> }).details;

describe('a Scheduler', () => {
  const { privateKey } = keyNamed('scheduler');

  test('is ready while everything is there, says what is not, and ends when it is asked to', async () => {
    const node = await hosted.start(SchedulerModule, { role: 'scheduler', name: 'scheduler-0' }, privateKey);
    await node.said('"taking part"');
    expect((await node.get('/health/live')).status).toBe(200);
    const ready = await node.get('/health/ready');
    expect(ready.status).toBe(200);
    expect(health(ready.text)).toMatchObject({
      nats: { status: 'up' },
      chain: { status: 'up' },
      redis: { status: 'up' },
      node: { status: 'up', stage: 'taking part' },
      deadlines: { status: 'up' },
    });
    const metrics = (await node.get('/metrics')).text;
    expect(metrics).toMatch(/^flobc_stream_pending\{node="scheduler-0",role="scheduler"\} 0$/m);
    expect(metrics).toMatch(/^process_cpu_seconds_total/m);

    await hosted.redis.kill();
    await expect.poll(async () => (await node.get('/health/ready')).status).toBe(503);
    expect(health((await node.get('/health/ready')).text).redis).toMatchObject({ status: 'down' });
    expect((await node.get('/health/live')).status).toBe(200);
    await hosted.redis.restart('everything');
    await expect.poll(async () => (await node.get('/health/ready')).status).toBe(200);

    const since = performance.now();
    expect(await node.end()).toBe(0);
    expect(performance.now() - since).toBeLessThan(4_500);
    expect(node.lines.join('')).not.toContain(Buffer.from(privateKey).toString('hex'));
  });

  test('ends within its time although NATS is gone', async () => {
    const node = await hosted.start(
      SchedulerModule,
      { role: 'scheduler', name: 'scheduler-1', stopMs: 1_000 },
      privateKey,
    );
    await node.said('"taking part"');
    hosted.nats.signal('SIGSTOP');
    try {
      const since = performance.now();
      expect(await node.end()).toBe(0);
      expect(performance.now() - since).toBeLessThan(1_500);
    } finally {
      hosted.nats.signal('SIGCONT');
    }
  });
});

describe('a Trainer', () => {
  const dataset = () => {
    writeFileSync(hosted.path('own.csv'), table(120));
    return { kind: 'csv', path: '../own.csv', label: 'is' } as const;
  };

  test('without tokens says what it lacks, and that starting it again does not help', async () => {
    const { privateKey, signer } = keyNamed('poor');
    await hosted.world.anvil.request('anvil_setBalance', signer.address, '0x21e19e0c9bab2400000');
    const node = await hosted.start(
      TrainerModule,
      { role: 'trainer', data: { dataset: dataset() } },
      privateKey,
    );
    expect(await node.ended).toBe(2);
    const { err } = (await node.said('"failed"')) as { err: { code: string; message: string } };
    expect(err.code).toBe('MEMBER_REFUSED');
    expect(err.message).toContain('it has 0 tokens and needs 50 for its bond');
  });

  test('with tokens and data of its own joins, and is a member', async () => {
    const { privateKey, signer } = keyNamed('rich');
    await hosted.world.anvil.request('anvil_setBalance', signer.address, '0x21e19e0c9bab2400000');
    const { terms } = (await hosted.ledger.run(hosted.run))!.config;
    const friend = keyOf(generator(hosted.plan.seed), 'trainer-1');
    const given = await hosted.ledger.as(friend).token.transfer(signer.address, terms.trainerBondWei);
    expect(given.kind).toBe('done');
    const node = await hosted.start(
      TrainerModule,
      { role: 'trainer', data: { dataset: dataset() } },
      privateKey,
    );
    await node.said('"joined"');
    expect(await hosted.ledger.member(hosted.run, signer.address)).toMatchObject({
      role: 'trainer',
      bondWei: terms.trainerBondWei,
    });
    const metrics = (await node.get('/metrics')).text;
    expect(metrics).toMatch(/^flobc_balance_tokens\{where="bond",.*\} 50$/m);
    expect(metrics).toMatch(/^flobc_gas_total\{operation="joinRun",.*\} \d{5,}$/m);
    expect(await node.end()).toBe(0);
  });

  test('of the run file works on its part, and its log has no key at any level', async () => {
    const privateKey = privateKeyOf(generator(hosted.plan.seed), 'trainer-0');
    const run = { file: '../run.yaml', ledger: hosted.ledger.addresses.ledger, number: Number(hosted.run) };
    const node = await hosted.start(
      TrainerModule,
      { role: 'trainer', run: { ...run, position: 0 } },
      privateKey,
    );
    await node.said('"taking part"');
    expect((await node.get('/metrics')).text).toContain('flobc_');
    expect(await node.end()).toBe(0);
    expect(node.lines.join('')).not.toContain(Buffer.from(privateKey).toString('hex'));
  });

  test('at a position that the run file does not have is not started', async () => {
    const run = { file: '../run.yaml', ledger: hosted.ledger.addresses.ledger, number: Number(hosted.run) };
    const { privateKey } = keyNamed('nobody');
    const node = await hosted.start(
      TrainerModule,
      { role: 'trainer', run: { ...run, position: 9 } },
      privateKey,
    );
    expect(await node.ended).toBe(2);
    expect(node.lines.join('')).toContain('The run file has 2 trainers, and none at position 9.');
  });
});
