import {
  arithmeticOf,
  located,
  placed,
  type Sweep,
  type Throughput,
  type Trial,
  workSeconds,
} from '#libs/experiment';
import { layGround } from '#libs/simulation';

/** Examples that are trained on and evaluated to see how fast this machine is now. */
const sampled = { trained: 512, evaluated: 1000 } as const;

/** Seconds of one core that each trial takes, by its id. Every model is tried out on its data for a moment. */
export async function estimateTrials(
  { trials }: Sweep,
  say: (what: string) => void,
): Promise<Map<string, number>> {
  const measured = new Map<string, Promise<Measured>>();
  const seconds = new Map<string, number>();
  for (const trial of trials) {
    const { plan, folder } = trial.loaded;
    const { source, model } = placed(plan, folder);
    const { loss, backend, hyper } = plan.learning;
    const key = JSON.stringify([source, model, loss, backend, hyper]);
    if (!measured.has(key)) say(`measuring ${plan.model} on this machine`);
    const found = measured.get(key) ?? measure(trial);
    measured.set(key, found);
    const { sizes, throughput } = await found;
    seconds.set(trial.id, workSeconds(arithmeticOf(plan, sizes), throughput));
  }
  return seconds;
}

interface Measured {
  readonly sizes: { readonly train: number; readonly test: number };
  readonly throughput: Throughput;
}

async function measure({ loaded: { plan, folder } }: Trial): Promise<Measured> {
  const here = located(plan, folder);
  // One Trainer and no Validators: what the shards are does not matter here.
  const small = {
    ...here,
    trainers: plan.trainers.slice(0, 1),
    validators: [],
    data: {
      ...here.data,
      partition: { kind: 'iid' as const },
      samplesPerTrainer: null,
      testSamples: null,
    },
  };
  const { learner, initial, shards, train, test } = await layGround(small, { workers: 1 });
  const [all] = shards;
  const shard = { dataset: all!.dataset, indices: all!.indices.slice(0, sampled.trained) };
  const some = { dataset: test.dataset, indices: test.indices.slice(0, sampled.evaluated) };
  const once = async () => {
    const begun = performance.now();
    const { epochs: _epochs, maxBatches: _most, ...hyper } = plan.learning.hyper;
    await learner.train({ parameters: initial, shard, hyper: { ...hyper, epochs: 1 }, seed: 0 });
    const between = performance.now();
    await learner.evaluate([initial, initial], some);
    return { trained: (between - begun) / 1000, evaluated: (performance.now() - between) / 2000 };
  };
  try {
    // The first time opens sessions.
    await once();
    const took = await once();
    return {
      sizes: { train: train.size, test: test.indices.length },
      throughput: {
        trainedPerSecond: shard.indices.length / took.trained,
        evaluatedPerSecond: some.indices.length / took.evaluated,
      },
    };
  } finally {
    await learner.close();
  }
}
