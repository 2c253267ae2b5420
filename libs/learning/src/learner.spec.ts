import type { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wholeShard } from '#libs/data';
import {
  asFloats,
  demanding,
  halves,
  layer,
  lines,
  modelOf,
  part,
  patterns,
  regression,
} from './examples.fixture.ts';
import type { HyperInput } from './hyper.ts';
import { openLearner, type Learner, type TrainingRequest } from './learner.ts';
import { loadModel } from './model/load.ts';
import { forward, gap, softmaxRegression } from './softmax-regression.fixture.ts';
import { evaluationPart } from './training/evaluate.ts';
import type { TrainingProgress } from './training/train.ts';

const adam: HyperInput = { optimizer: { kind: 'adam', learningRate: 0.01 }, batchSize: 16 };
const images = patterns({ size: 400 });

let learner: Learner;
beforeAll(async () => {
  learner = await openLearner({ model: demanding, workers: 2 });
});
afterAll(() => learner.close());

const train = async (request: Partial<TrainingRequest> = {}, on = learner) =>
  on.train({
    parameters: await on.initialise(1),
    shard: part(images, 0, 200),
    hyper: adam,
    seed: 7,
    ...request,
  });

describe('the same seed gives the same bytes', () => {
  const many = patterns({ seed: 2, size: 2 * evaluationPart + 500 });

  /** Six trainings at once, and an evaluation of what they gave that is cut into three parts. */
  async function round(workers: number) {
    const own = await openLearner({ model: demanding, workers });
    try {
      const parameters = await own.initialise('start');
      const trained = await Promise.all(
        Array.from({ length: 6 }, (_, trainer) =>
          own.train({
            parameters,
            shard: part(images, 60 * trainer, 60 * trainer + 55),
            hyper: { ...adam, epochs: 2 },
            seed: `round 1, trainer ${trainer}`,
          }),
        ),
      );
      const evaluations = await own.evaluate(
        trained.map((one) => one.parameters),
        wholeShard(many),
      );
      return { parameters, trained, evaluations };
    } finally {
      await own.close();
    }
  }

  test('on 1, 2 and 4 threads: weights, optimizer state, losses, counts by class', async () => {
    const single = await round(1);
    expect(new Set(single.evaluations.map(({ loss }) => loss)).size).toBe(6);
    expect(single.evaluations.map(({ samples }) => samples)).toEqual(Array(6).fill(many.size));
    for (const workers of [2, 4]) expect(await round(workers)).toEqual(single);
  });

  test('and another seed gives others, of the weights and of the training', async () => {
    const first = await learner.initialise(1);
    expect((await learner.initialise(1)).values).toEqual(first.values);
    expect((await learner.initialise(2)).values).not.toEqual(first.values);
    const trained = await train();
    expect((await train()).parameters.values).toEqual(trained.parameters.values);
    expect((await train({ seed: 8 })).parameters.values).not.toEqual(trained.parameters.values);
  });

  test.each<[string, HyperInput]>([
    ['adam', adam],
    ['momentum', { optimizer: { kind: 'sgd', learningRate: 0.05, momentum: 0.9 }, batchSize: 16 }],
    ['plain steps', { batchSize: 16, weightDecay: 1e-3, clipNorm: 1 }],
  ])('three trainings of one epoch that go on from each other are one of three: %s', async (_, hyper) => {
    const whole = await train({ hyper: { ...hyper, epochs: 3 } });
    let last = await train({ hyper });
    for (let epoch = 1; epoch < 3; epoch++)
      last = await train({ hyper, parameters: last.parameters, state: last.state });
    expect(last).toEqual({ ...whole, samples: 200 });
    expect(whole.samples).toBe(600);
  });

  test.each([
    { mean: 0.3, deviation: 0.5 },
    { mean: 0, deviation: 1 },
  ])('as bytes and as the floats that these mean, of scale %o', async (scale) => {
    const scaled = { ...images, scale };
    const [bytes, floats] = [scaled, asFloats(scaled)].map((dataset) => part(dataset, 0, 200));
    expect(await train({ shard: floats! })).toEqual(await train({ shard: bytes! }));
    const { parameters } = await train();
    expect(await learner.evaluate([parameters], floats!)).toEqual(
      await learner.evaluate([parameters], bytes!),
    );
  });

  test('a training leaves what it was given as it was', async () => {
    const parameters = await learner.initialise(1);
    const before = parameters.values.slice();
    await train({ parameters });
    expect(parameters.values).toEqual(before);
  });
});

describe('a training', () => {
  test('sees every example of a shard of any size once an epoch, or as many batches as it may', async () => {
    const parameters = await learner.initialise(1);
    const sizes = fc.record({
      examples: fc.integer({ min: 1, max: 70 }),
      batchSize: fc.integer({ min: 1, max: 40 }),
      epochs: fc.integer({ min: 1, max: 2 }),
      maxBatches: fc.option(fc.integer({ min: 1, max: 4 })),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ examples, batchSize, epochs, maxBatches }) => {
        const limit = maxBatches === null ? {} : { maxBatches };
        const hyper = { ...adam, batchSize, epochs, ...limit };
        const trained = await train({ parameters, shard: part(images, 0, examples), hyper });
        const perEpoch = Math.min(examples, batchSize * (maxBatches ?? Infinity));
        expect(trained.samples).toBe(epochs * perEpoch);
        expect(trained.state).toMatchObject({ epochs, steps: epochs * Math.ceil(perEpoch / batchSize) });
        expect(trained.parameters.values.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('is, for softmax regression, what a plain loop in double precision does', async () => {
    const own = await openLearner({ model: regression, workers: 1 });
    const parameters = await own.initialise(3);
    const cases = fc.record({
      examples: fc.integer({ min: 1, max: 60 }),
      batchSize: fc.integer({ min: 1, max: 20 }),
      epochs: fc.integer({ min: 1, max: 3 }),
      maxBatches: fc.integer({ min: 1, max: 5 }),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ examples, seed, ...hyper }) => {
        const shard = part(images, 0, examples);
        const trained = await train({ parameters, shard, hyper, seed }, own);
        const expected = softmaxRegression(parameters.values, shard, hyper, seed);
        expect(gap(trained.parameters.values, expected.values)).toBeLessThan(1e-5);
        expect(trained.loss).toBeCloseTo(expected.loss, 5);
        expect(trained.accuracy).toBe(expected.accuracy);
      }),
      { numRuns: 40 },
    );
    await own.close();
  });

  test('goes down: what it learnt holds for examples that it has not seen', async () => {
    const { train: shard, test } = halves(patterns({ seed: 3, size: 600 }));
    const before = (await learner.evaluate([await learner.initialise(1)], test))[0]!;
    const { parameters, loss, accuracy } = await train({ shard, hyper: { ...adam, epochs: 10 } });
    const after = (await learner.evaluate([parameters], test))[0]!;
    expect(after.loss).toBeLessThan(before.loss / 3);
    expect(after.accuracy).toBeGreaterThan(0.97);
    expect(loss).toBeLessThan(before.loss / 2);
    expect(accuracy).toBeGreaterThan(0.9);
  });

  test('tells how far it is', async () => {
    const reports: TrainingProgress[] = [];
    const hyper = { ...adam, batchSize: 1, epochs: 10 };
    const { samples } = await train({ hyper, onProgress: (progress) => reports.push(progress) });
    expect(reports.length).toBeGreaterThan(0);
    expect(reports.every(({ samplesTotal }) => samplesTotal === samples)).toBe(true);
    expect(reports.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    const seen = reports.map((report) => report.samples);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    expect(seen.at(-1)).toBeLessThanOrEqual(samples);
  });
});

describe('an evaluation', () => {
  const held = part(images, 100, 400);

  test('of five candidates is five evaluations', async () => {
    const candidates = await Promise.all([1, 2, 3, 4, 5].map((seed) => learner.initialise(seed)));
    const together = await learner.evaluate(candidates, held);
    const alone = await Promise.all(candidates.map((candidate) => learner.evaluate([candidate], held)));
    expect(together).toEqual(alone.flat());
    expect(await learner.evaluate([], held)).toEqual([]);
  });

  test('counts what a direct count of another implementation counts', async () => {
    const own = await openLearner({ model: regression, workers: 2 });
    const { parameters } = await train({ hyper: { batchSize: 50 } }, own);
    const [evaluation] = await own.evaluate([parameters], held);
    await own.close();
    const direct = Array.from(held.indices, (example) => {
      const shares = forward(parameters.values, images, example);
      return { label: images.labels[example]!, shares, named: shares.indexOf(Math.max(...shares)) };
    });
    const count = (of: (one: (typeof direct)[number]) => boolean) => direct.filter(of).length;
    expect(evaluation).toEqual({
      samples: 300,
      loss: expect.closeTo(
        direct.reduce((sum, { shares, label }) => sum - Math.log(shares[label]!), 0) / 300,
        5,
      ) as number,
      accuracy: count(({ named, label }) => named === label) / 300,
      perClass: [0, 1, 2].map((c) => ({
        examples: count(({ label }) => label === c),
        correct: count(({ label, named }) => label === c && named === c),
        predicted: count(({ named }) => named === c),
      })),
    });
  });
});

describe('losses', () => {
  test('meanSquaredError learns real targets, and there is no accuracy then', async () => {
    const { train: shard, test } = halves(lines());
    const model = await loadModel('tabular-mlp', { shape: shard.dataset.shape, classes: 0 });
    const own = await openLearner({ model, workers: 1 });
    const start = await own.initialise(1);
    const hyper = { ...adam, epochs: 60 };
    const { parameters, accuracy, loss } = await train({ parameters: start, shard, hyper }, own);
    const [before, after] = await own.evaluate([start, parameters], test);
    await own.close();
    expect(accuracy).toBeUndefined();
    expect(after).toMatchObject({ accuracy: undefined, perClass: [], samples: 200 });
    expect(loss).toBeLessThan(before!.loss / 10);
    expect(after!.loss).toBeLessThan(before!.loss / 5);
  });

  test('binaryCrossEntropy learns two classes on one output', async () => {
    const { train: shard, test } = halves(patterns({ classes: 2 }));
    const model = modelOf(
      [layer('Flatten'), layer('Dense', { units: 1, activation: 'sigmoid' })],
      'binaryCrossEntropy',
    );
    const own = await openLearner({ model, workers: 1 });
    const parameters = await own.initialise(1);
    const trained = await train({ parameters, shard, hyper: { epochs: 5 } }, own);
    const [evaluation] = await own.evaluate([trained.parameters], test);
    await own.close();
    expect(evaluation!.accuracy).toBeGreaterThan(0.97);
    expect(trained.accuracy).toBeGreaterThan(0.9);
    expect(evaluation!.perClass.map(({ examples }) => examples).reduce((a, b) => a + b)).toBe(150);
  });
});

test('close() ends every thread, and what comes after it fails', async () => {
  await learner.initialise(1); // Its threads are up and told of.
  const threads: Worker[] = [];
  const noted = (thread: Worker) => threads.push(thread);
  process.on('worker', noted);
  const own = await openLearner({ model: regression, workers: 3 });
  // Three at once: a thread starts when there is work for it.
  const [parameters] = await Promise.all([1, 2, 3].map((seed) => own.initialise(seed)));
  process.off('worker', noted);
  expect(threads).toHaveLength(3);
  await own.close();
  // Node's mark of a thread that is no more.
  expect(threads.map(({ threadId }) => threadId)).toEqual([-1, -1, -1]);
  await expect(own.evaluate([parameters!], wholeShard(images))).rejects.toThrow(
    'the learner of stack is closed',
  );
});

test('closing leaves a training that is under way, in the middle of it', async () => {
  const own = await openLearner({ model: regression, workers: 1 });
  const parameters = await own.initialise(1);
  const shard = wholeShard(images);
  const begun = Promise.withResolvers<undefined>();
  const training = own.train({
    ...{ parameters, shard, seed: 1, hyper: { epochs: 1_000_000, batchSize: 1 } },
    onProgress: () => {
      begun.resolve(undefined);
    },
  });
  const ended = expect(training).rejects.toThrow('the learner of stack is closed');
  await begun.promise;
  await own.close();
  await ended;
});
