// Trains 100 shards of MNIST one after the other, from one model to the next as a Trainer would, and prints the memory of
// this process after each from the tenth on: the program that learning-memory.spec.ts watches. Run it with --expose-gc.
import { loadDataset, sharedIndices } from '#libs/data';
import { builtInModels, loadModel, openLearner, type BuiltInName, type TrainingState } from '#libs/learning';
import { generator } from '#libs/random';

const shards = 100;
const samples = 600;
const name = process.argv[2] as BuiltInName;
const { optimizer } = builtInModels[name].training;
const { train: dataset } = await loadDataset('mnist');
const learner = await openLearner({ model: await loadModel(name), workers: 1 });
const random = generator('memory');

let parameters = await learner.initialise(1);
let state: TrainingState | undefined;
const rssBytes: number[] = [];
for (let i = 1; i <= shards; i++) {
  const indices = sharedIndices(samples);
  for (let k = 0; k < indices.length; k++) indices[k] = random.integer(dataset.size);
  const shard = { dataset, indices };
  const trained = await learner.train({
    parameters,
    shard,
    hyper: { optimizer },
    seed: i,
    ...(state ? { state } : {}),
  });
  ({ parameters, state } = trained);
  if (i < 10) continue;
  globalThis.gc!(); // What waits to be collected comes and goes in waves of 64 MB; it is not held.
  rssBytes.push(process.memoryUsage.rss());
}
await learner.close();
process.stdout.write(`${JSON.stringify({ rssBytes, peakBytes: process.resourceUsage().maxRSS * 1024 })}\n`);
