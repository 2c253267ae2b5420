import type { RunPlan } from '#libs/experiment';
import type { Parameters } from '#libs/learning';
import type { Ground } from '#libs/simulation';

/** The round's trainings, then its scorings, then its test, each handed to the pool all at once, and nothing else. */
export async function bareSeconds(
  { learner, initial, shards, holdOuts, test }: Ground,
  plan: RunPlan,
): Promise<number> {
  const { hyper, aggregator, scoring } = plan.learning;
  const train = (parameters: Parameters) =>
    Promise.all(shards.map((shard, seed) => learner.train({ parameters, shard, hyper, seed })));
  const start = performance.now();
  const trained = await train(initial);
  const trainingSeconds = seconds(start);
  const updates = trained.map(({ parameters }, i) => ({
    key: String(i).padStart(3, '0'),
    delta: shared(parameters.values.map((value, at) => value - initial.values[at]!)),
    weight: 500_000_000,
  }));
  const scoringStart = performance.now();
  const request = { base: initial, updates, aggregator, rule: scoring };
  await Promise.all(holdOuts.map((holdOut) => learner.score({ ...request, holdOut })));
  await learner.evaluate([initial], test);
  return trainingSeconds + seconds(scoringStart);
}

function shared(values: Float32Array): Float32Array {
  const copy = new Float32Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

const seconds = (since: number): number => (performance.now() - since) / 1000;
