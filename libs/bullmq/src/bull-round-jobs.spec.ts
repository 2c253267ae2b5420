import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobOutcome, RoundJob } from '#libs/ports';
import { type RedisServer, startRedis } from '#libs/testkit';
import { BullRoundJobs } from './bull-round-jobs.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());

let runs = 0;
const nextRun = (): string => `run-${++runs}`;
const open = (run: string): Promise<BullRoundJobs> => BullRoundJobs.open({ url: redis.url, run });
const closing = (round: number, dueMs = Date.now()): RoundJob => ({
  what: 'close',
  round,
  phase: 'commit',
  dueMs,
});
const done: JobOutcome = { kind: 'done' };

/** Remembers what it was given; `until` resolves when that many have come. */
class Hand {
  readonly jobs: RoundJob[] = [];
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  readonly take = (job: RoundJob): Promise<JobOutcome> => {
    this.jobs.push(job);
    for (const { count, resolve } of this.#waiting) if (this.jobs.length >= count) resolve();
    return Promise.resolve(done);
  };

  until(count: number): Promise<void> {
    if (this.jobs.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }
}

describe('round jobs on BullMQ', () => {
  it('are done when they are due and not before, each once, however often they were put down', async () => {
    const jobs = await open(nextRun());
    const hand = new Hand();
    jobs.handle(hand.take);
    const dueMs = Date.now() + 300;
    for (let i = 0; i < 5; i++) await jobs.add(closing(1, dueMs));
    await jobs.add(closing(0));
    await hand.until(2);
    expect(Date.now()).toBeGreaterThanOrEqual(dueMs);
    expect(hand.jobs.map(({ round }) => round)).toEqual([0, 1]);
    await jobs.close();
  });

  it('are shared by two Schedulers, and done by one of them', async () => {
    const run = nextRun();
    const both = [await open(run), await open(run)];
    const hand = new Hand();
    for (const jobs of both) jobs.handle(hand.take);
    await Promise.all(
      both.flatMap((jobs) => Array.from({ length: 20 }, (_, round) => jobs.add(closing(round, 1)))),
    );
    await hand.until(20);
    // A last one, behind all the others: what was done twice would have been done by now.
    await both[0]!.add(closing(99));
    await hand.until(21);
    expect(hand.jobs.map(({ round }) => round).sort((a, b) => a - b)).toEqual([
      ...Array.from({ length: 20 }, (_, i) => i),
      99,
    ]);
    for (const jobs of both) await jobs.close();
  });

  it('come again when there was more to do', async () => {
    const jobs = await open(nextRun());
    let times = 0;
    const finished = new Promise<void>((resolve) => {
      jobs.handle(() => {
        times++;
        if (times === 3) resolve();
        return Promise.resolve(times < 3 ? { kind: 'again', afterMs: 20 } : done);
      });
    });
    await jobs.add(closing(0));
    await finished;
    expect(times).toBe(3);
    await jobs.close();
  });

  it('can be put down again once they are done', async () => {
    const jobs = await open(nextRun());
    const hand = new Hand();
    jobs.handle(hand.take);
    const job = closing(0);
    await jobs.add(job);
    await hand.until(1);
    // The job is forgotten a moment after its handler has returned.
    for (let i = 0; hand.jobs.length < 2; i++) await jobs.add(job);
    expect(hand.jobs).toEqual([job, job]);
    await jobs.close();
  });

  it('are still there when Redis was killed, and are done late', async () => {
    const run = nextRun();
    const jobs = await open(run);
    await jobs.add(closing(7, Date.now() + 200));
    await redis.kill();
    await redis.restart('everything');
    const hand = new Hand();
    jobs.handle(hand.take);
    await hand.until(1);
    expect(hand.jobs[0]).toMatchObject({ round: 7 });
    await jobs.close();
  });

  it('can be put down again in a Redis that has lost them, by the same connection', async () => {
    const jobs = await open(nextRun());
    const hand = new Hand();
    jobs.handle(hand.take);
    const job = closing(3, Date.now() + 1_000);
    await jobs.add(job);
    await redis.restart('nothing');
    await jobs.add(job);
    await hand.until(1);
    expect(hand.jobs).toEqual([job]);
    await jobs.close();
  });

  it('without Redis there is a fault that says so, and not the password', async () => {
    const opening = BullRoundJobs.open({ url: 'redis://:secret@127.0.0.1:1', run: 'x', patienceMs: 200 });
    const fault = await opening.catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'QUEUE_UNREACHABLE', facts: { host: '127.0.0.1:1' } });
    expect(JSON.stringify(fault) + String(fault)).not.toContain('secret');
  });
});
