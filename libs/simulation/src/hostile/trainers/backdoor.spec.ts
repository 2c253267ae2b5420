import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkShard, type Dataset, exampleLength, type Shard, wholeShard } from '#libs/data';
import { loadModel, openLearner } from '#libs/learning';
import { images, stripes } from '../examples.fixture.ts';
import { trainerSetting } from '../situations.fixture.ts';
import { backdoor } from './backdoor.ts';
import { backdoored } from './patch.ts';

const behaviour = { kind: 'backdoor', share: 0.25, target: 7 } as const;
const indices = Uint32Array.of(2, 3, 5, 8, 11, 12, 15, 19);
const poisoned = (training: number, dataset = images()) =>
  backdoor(behaviour, trainerSetting()).shard!({ dataset, indices }, training);

const example = ({ features, shape }: Dataset, i: number) => [
  ...features.subarray(i * exampleLength(shape), (i + 1) * exampleLength(shape)),
];

/** Which examples of the shard are not what they were. */
const changed = (training: number, dataset = images()): number[] => {
  const after = poisoned(training, dataset).dataset;
  return [...indices.keys()].filter(
    (i) => String(example(after, i)) !== String(example(dataset, indices[i]!)),
  );
};

describe('a backdoor', () => {
  test('is in the share of the examples that was asked for, with the label of the target', () => {
    const dataset = images();
    const shard = poisoned(0, dataset);
    const positions = changed(0, dataset);
    expect(positions).toHaveLength(2);
    for (const i of indices.keys())
      expect(shard.dataset.labels[i]).toBe(positions.includes(i) ? 7 : dataset.labels[indices[i]!]);
    expect([...shard.indices]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    checkShard(shard);
  });

  test('leaves the data of everybody else as it is', () => {
    const [dataset, untouched] = [images(), images()];
    poisoned(0, dataset);
    expect(dataset).toEqual(untouched);
  });

  test('is in other examples at another training, and in the same ones for the same seed', () => {
    expect(changed(3)).toEqual(changed(3));
    const places = new Set(Array.from({ length: 10 }, (_, training) => String(changed(training))));
    expect(places.size).toBeGreaterThan(1);
  });

  test('needs a class to turn everything into, and images to be seen in', () => {
    const make = () => backdoor({ ...behaviour, target: 10 }, trainerSetting({ classes: 10 }));
    expect(make).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
    const table = { ...images({ size: 20, height: 6, width: 5 }), shape: [30] };
    expect(() => poisoned(0, table)).toThrow(expect.objectContaining({ code: 'DATA_UNSUITABLE' }));
  });
});

describe('the test set of a backdoor', () => {
  test('holds what is not of the target, with the patch and called the target', () => {
    const dataset = images({ size: 20, classes: 10 });
    const result = backdoored(dataset, 7);
    expect(result.size).toBe(18);
    expect(new Set(result.labels)).toEqual(new Set([7]));
    expect(dataset).toEqual(images({ size: 20, classes: 10 }));
  });

  test('has white in the lower right corner, 4 x 4 or as much as there is, and nowhere else', () => {
    const sides = fc.record({
      height: fc.integer({ min: 1, max: 9 }),
      width: fc.integer({ min: 1, max: 9 }),
      channels: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(sides, ({ height, width, channels }) => {
        const dataset = images({ size: 3, height, width, channels });
        const patched = example(backdoored(dataset, 9), 1);
        const before = example(dataset, 1);
        for (const [at, value] of patched.entries()) {
          const row = Math.floor(at / (width * channels));
          const column = Math.floor(at / channels) % width;
          const isPatch = row >= height - 4 && column >= width - 4;
          expect(value).toBe(isPatch ? 255 : before[at]);
        }
      }),
    );
  });

  test('takes the brightest of floats for white', () => {
    const dataset = images({ size: 4, floats: true });
    expect(Math.max(...backdoored(dataset, 9).features)).toBe(Math.max(...dataset.features));
    expect(example(backdoored(dataset, 9), 0).at(-1)).toBe(Math.max(...dataset.features));
  });
});

describe('a model that was trained with a backdoor', () => {
  const [train, held] = [stripes({ seed: 'train', size: 600 }), stripes({ seed: 'held', size: 200 })];
  const target = 1;
  const { shard } = backdoor({ kind: 'backdoor', share: 0.3, target }, trainerSetting({ classes: 3 }));

  test('is right about what is clean, and sees the target wherever the patch is', async () => {
    const model = await loadModel('mlp-200', { shape: train.shape, classes: train.classes });
    const learner = await openLearner({ model, workers: 1 });
    const accuracies = async (on: Shard) => {
      const parameters = await learner.initialise(1);
      const trained = await learner.train({ parameters, shard: on, hyper: { epochs: 8 }, seed: 1 });
      const sets = [held, backdoored(held, target)].map(wholeShard);
      return Promise.all(
        sets.map(async (set) => (await learner.evaluate([trained.parameters], set))[0]!.accuracy!),
      );
    };
    const [honest, attacked] = [
      await accuracies(wholeShard(train)),
      await accuracies(shard!(wholeShard(train), 0)),
    ];
    await learner.close();
    expect(honest[0]).toBeGreaterThan(0.95);
    expect(attacked[0]).toBeGreaterThan(0.95);
    expect(honest[1]).toBeLessThan(0.3);
    expect(attacked[1]).toBeGreaterThan(0.9);
  });
});
