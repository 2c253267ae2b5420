import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, openBench, replayOf, soak } from './soak.ts';

const seeds = Number(process.env.FLOBC_SIM_SEEDS ?? 30);
let bench: Bench;

beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.learner.close());

test.each(Array.from({ length: seeds }, (_, seed) => [seed]))(
  `a run with faults and hostile actors stays safe and comes to an end: seed %i of ${seeds}`,
  async (seed) => {
    const { complaints, result } = await soak(seed, bench);
    expect(complaints, `replay with: ${replayOf(seed)}`).toEqual([]);
    expect(result.rounds.length, `replay with: ${replayOf(seed)}`).toBeGreaterThan(0);
  },
  60_000,
);

test('a run is a function of its plan', async () => {
  const [first, second] = [await soak(2, bench), await soak(2, bench)];
  expect(second.events).toEqual(first.events);
  expect(second.result.actors).toEqual(first.result.actors);
});
