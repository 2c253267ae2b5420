import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openInProcessChain } from '#libs/evm';
import { loadRunFile } from '#libs/experiment';
import type { Event } from '#libs/protocol';
import { type Ground, layGround, runPlan, type RunResult } from '#libs/simulation';

const isLong = process.env.FLOBC_LONG === '1';
const seeds = isLong ? Array.from({ length: 20 }, (_, i) => i + 1) : [1];
const smaller = isLong ? [] : ['rounds=5', 'data.samplesPerTrainer=800', 'data.testSamples=1000'];
/** Anywhere among the Trainers, wherever the seed puts them. */
const anywhere =
  'trainers.behaviours=[{kind: noise, std: 0.3, count: 1}, {kind: signFlip, factor: 3, count: 1}]';

const grounds: Ground[] = [];
let shared: Ground | undefined;

async function run(
  overrides: readonly string[],
  workers?: number,
): Promise<{ result: RunResult; events: Event[] }> {
  const { plan } = await loadRunFile('experiments/quickstart.yaml', overrides);
  const reuse = workers === undefined && shared !== undefined ? { reuse: shared } : {};
  const ground = await layGround(plan, { ...reuse, ...(workers === undefined ? {} : { workers }) });
  if (workers === undefined) shared ??= ground;
  else grounds.push(ground);
  const events: Event[] = [];
  const result = await runPlan(plan, ground, {
    openChain: openInProcessChain,
    policy: { name: 'ProportionalPolicy' },
    observer: { events: (seen) => events.push(...seen) },
  });
  return { result, events };
}

beforeAll(async () => {
  shared = await layGround((await loadRunFile('experiments/quickstart.yaml')).plan);
});
afterAll(async () => {
  for (const ground of [...grounds, ...(shared === undefined ? [] : [shared])]) await ground.learner.close();
});

describe('the quickstart', () => {
  test.each(seeds.map((seed) => [seed]))(
    'finds out who is hostile, and pays the others: seed %i',
    async (seed) => {
      const { result } = await run([...smaller, anywhere, `seed=${seed}`]);
      const trainers = result.actors.filter(({ role }) => role === 'trainer');
      const hostile = trainers.filter(({ behaviour }) => behaviour !== 'honest');
      const honest = trainers.filter(({ behaviour }) => behaviour === 'honest');
      expect([hostile.length, honest.length]).toEqual([2, 5]);
      const most = Math.max(...hostile.map(({ trust }) => trust!));
      const least = Math.min(...honest.map(({ trust }) => trust!));
      expect(most).toBeLessThan(least);
      for (const { profitWei, penaltiesWei } of honest) {
        expect(profitWei).toBeGreaterThan(0n);
        expect(penaltiesWei).toBe(0n);
      }
      if (isLong) expect(result.accuracy).toBeGreaterThanOrEqual(0.975);
    },
    120_000,
  );

  test('has the same events on one thread as on two', async () => {
    const few = ['rounds=2', 'data.samplesPerTrainer=200', 'data.testSamples=200'];
    const [one, two] = [await run(few, 1), await run(few, 2)];
    expect(two.events).toEqual(one.events);
    expect(two.result.rounds.map(({ loss }) => loss)).toEqual(one.result.rounds.map(({ loss }) => loss));
  });
});
