import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sharedFloats } from '#libs/data';
import { generator } from '#libs/random';
import { aggregatorOf, type AggregatorSpec, type Candidate, weightScale } from '../aggregation/index.ts';
import { demanding, lines, part, patterns } from '../examples.fixture.ts';
import { openLearner } from '../learner.ts';
import { loadModel } from '../model/load.ts';
import { addDelta, type Parameters } from '../parameters.ts';
import { leaveOneOut } from './leave-one-out.ts';
import { anyShard, made, paperWork, parametersOf } from './paper.fixture.ts';
import { scoreUpdates, scoringRules, type ScoredUpdate, type ScoringRequest } from './score.ts';

const equal: AggregatorSpec = { name: 'weightedMean', weights: 'equal' };
const trust: AggregatorSpec = { name: 'weightedMean', weights: 'trust' };

const update = (key: string, delta: Iterable<number>, weight = weightScale): ScoredUpdate => ({
  key,
  delta: Float32Array.from(delta),
  weight,
});

const request = (base: Iterable<number>, ...updates: ScoredUpdate[]): ScoringRequest => ({
  base: parametersOf(base),
  updates,
  aggregator: trust,
  rule: 'leaveOneOut',
  holdOut: anyShard,
});

/** The loss is the parameter itself, so that all of it can be done by hand. */
const itself = (values: Float32Array) => values[0]!;

describe('by hand, with the loss as the only parameter', () => {
  test('leaveOneOut: the merge of all against that of the others', async () => {
    const three = request([100], update('a', [-4]), update('b', [-1]), update('c', [2]));
    // All: 100 - 1 = 99. Without a: 100.5; without b: 99; without c: 97.5.
    expect(await scoreUpdates(three, paperWork(itself))).toMatchObject({
      scores: [Math.round(15_000 / 100.5), 0, Math.round(-15_000 / 97.5)],
      baseScore: null,
      base: { loss: 100 },
      merged: { loss: 99 },
    });
  });

  test('leaveOneOut: trust weighs', async () => {
    const two = request([100], update('a', [-4], 0.75 * weightScale), update('b', [4], 0.25 * weightScale));
    // All: 100 - 3 + 1 = 98. Without a: 104; without b: 96.
    expect(await scoreUpdates(two, paperWork(itself))).toMatchObject({
      scores: [Math.round(60_000 / 104), Math.round(-20_000 / 96)],
    });
  });

  test('leaveOneOut: one update alone is held against the base', async () => {
    const one = request([10], update('a', [-1]));
    expect(await scoreUpdates(one, paperWork(itself))).toMatchObject({ scores: [1000], merged: { loss: 9 } });
  });

  test('leaveOneOut: without trust an update neither helps nor harms, without any trust all count alike', async () => {
    const none = request([10], update('a', [-4], 0), update('b', [-1]), update('c', [-3], 0));
    // All: 9, without a and c: 9, without b there is nothing to merge: 10.
    expect((await scoreUpdates(none, paperWork(itself))).scores).toEqual([0, 1000, 0]);
    const nobody = request([100], update('a', [-4], 0), update('b', [0], 0));
    // All: 98. Without a: 100; without b: 96.
    expect((await scoreUpdates(nobody, paperWork(itself))).scores).toEqual([200, -208]);
  });

  test('standalone: each by itself', async () => {
    const two = { ...request([10], update('a', [-4]), update('b', [5])), rule: 'standalone' } as const;
    expect(await scoreUpdates(two, paperWork(itself))).toEqual({
      scores: [4000, -5000],
      baseScore: null,
      base: { samples: 100, loss: 10, accuracy: 0, perClass: [] },
      merged: null,
    });
  });

  test('accuracy: the difference in basis points, and the base beside it', async () => {
    const two = { ...request([0.5], update('a', [0.25]), update('b', [-0.125])), rule: 'accuracy' } as const;
    const work = paperWork(() => 1, itself);
    expect(await scoreUpdates(two, work)).toMatchObject({ scores: [2500, -1250], baseScore: 5000 });
  });

  test('the median of the norms moves when an update is left out', async () => {
    const aggregator: AggregatorSpec = { name: 'normClipping', bound: 'median', of: equal };
    const three = { ...request([10], update('a', [-1]), update('b', [-2]), update('c', [-9])), aggregator };
    // All, clipped to 2: 10 - 5/3. Without a, clipped to 2: 8; without b, to 1: 9; without c, to 1: 9.
    const all = 10 - 5 / 3;
    const work = paperWork(itself);
    expect((await scoreUpdates(three, work)).scores).toEqual(
      [8, 9, 9].map((without) => Math.round((10_000 * (without - all)) / without)),
    );
    expect(work.asked.sums).toBe(2);
  });

  test('where n - 1 updates are too few for the aggregator, both sides are means of equal weights', async () => {
    const aggregator: AggregatorSpec = { name: 'krum', hostile: 1 };
    const updates = [-4, -1, 2, 0, -2].map((delta, i) => update(`${i}`, [delta], (i + 1) * 1e8));
    const five = await scoreUpdates({ ...request([10], ...updates), aggregator }, paperWork(itself));
    const mean = { ...request([10], ...updates), aggregator: equal };
    expect(five).toEqual(await scoreUpdates(mean, paperWork(itself)));
    const six = [...updates, update('5', [-1.5])];
    const own = await scoreUpdates({ ...request([10], ...six), aggregator }, paperWork(itself));
    // Of six, Krum chooses -1; without -4, -1, 2 or 0 it chooses -1.5, without -2 or -1.5 again -1.
    expect(own).toMatchObject({ merged: { loss: 9 }, scores: [-588, -588, -588, -588, 0, 0] });
  });
});

describe('what cannot be evaluated has the least score and costs nobody else', () => {
  const good = [update('a', [-4]), update('b', [-1])];
  const scoresWith = async (bad: ScoredUpdate, rule: ScoringRequest['rule'] = 'leaveOneOut', loss = itself) =>
    (
      await scoreUpdates(
        { ...request([10], ...good, bad), rule },
        paperWork(loss, () => 0.5),
      )
    ).scores;

  test.each([NaN, Infinity, -Infinity])('a delta that holds %d', async (value) => {
    const { scores: alone } = await scoreUpdates(request([10], ...good), paperWork(itself));
    expect(await scoresWith(update('c', [value]))).toEqual([...alone, -32_767]);
    expect((await scoresWith(update('c', [value]), 'standalone'))[2]).toBe(-32_767);
    expect((await scoresWith(update('c', [value]), 'accuracy'))[2]).toBe(-32_767);
  });

  test('a delta with which the loss overflows, alone and in every merge', async () => {
    const overflowing = (values: Float32Array) => (values[0]! > 1e6 ? Infinity : values[0]!);
    const { scores: alone } = await scoreUpdates(request([10], ...good), paperWork(itself));
    const bad = update('c', [1e38]);
    for (const rule of scoringRules)
      expect((await scoresWith(bad, rule, overflowing))[2], rule).toBe(-32_767);
    expect(await scoresWith(bad, 'leaveOneOut', overflowing)).toEqual([...alone, -32_767]);
  });

  test('an update that breaks the merge hides no other: the others are scored without it', async () => {
    const { scores: alone } = await scoreUpdates(request([10], ...good, update('d', [5])), paperWork(itself));
    // All: 10 + 34 = 44; without c: 10, so that c scores -34,000 and d, which makes things worse, would seem to help.
    const { scores } = await scoreUpdates(
      request([10], ...good, update('d', [5]), update('c', [136])),
      paperWork(itself),
    );
    expect(scores).toEqual([...alone, -32_767]);
    expect(alone[2]).toBeLessThan(0);
  });

  test('one breaker may hide another', async () => {
    const { scores: alone } = await scoreUpdates(request([10], ...good), paperWork(itself));
    const both = [update('c', [100]), update('d', [10_000])];
    const { scores, merged } = await scoreUpdates(request([10], ...good, ...both), paperWork(itself));
    expect(scores.slice(0, 2)).toEqual(alone);
    expect(Math.max(...scores.slice(2))).toBeLessThanOrEqual(-1_000);
    expect(merged!.loss).toBeGreaterThan(2_000);
  });

  test('everything', async () => {
    const broken = await scoreUpdates(request([10], update('a', [NaN])), paperWork(itself));
    expect(broken).toMatchObject({ scores: [-32_767], merged: null, base: { loss: 10 } });
    const diverged = await scoreUpdates(
      request([10], ...good),
      paperWork(() => NaN),
    );
    expect(diverged).toMatchObject({ scores: [-32_767, -32_767], merged: null });
  });
});

describe('harm that many do together', () => {
  test('many that pull back as hard as the others pull forward are blamed together', async () => {
    // Of real targets, whose loss has no unit: a tenth of it has to do.
    const holdOut = { ...anyShard, dataset: { ...anyShard.dataset, classes: 0 } };
    const pulling = (count: number, key: string, delta: number) =>
      Array.from({ length: count }, (_, i) => update(`${key}${10 + i}`, [delta]));
    const scoresAgainst = async (back: number) => {
      const all = [...pulling(12, 'forward', -11), ...pulling(8, 'back', back)];
      const { scores } = await scoreUpdates({ ...request([100], ...all), holdOut }, paperWork(itself));
      return { forward: scores.slice(0, 12), back: scores.slice(12) };
    };
    // All: 100 + (12 x -11 + 8 x 17) / 20 = 100.2, and 99.37 without one of the eight, which is not much; 89 without all eight.
    const stuck = await scoresAgainst(17);
    expect(new Set(stuck.back)).toEqual(new Set([-200]));
    expect(new Set(stuck.forward)).toEqual(new Set([58]));
    // With 16 all is 99.8, better than the base: each is worth what leaving it out changes.
    const moving = await scoresAgainst(16);
    expect(new Set(moving.back)).toEqual(new Set([-86]));
  });

  test.each([
    { what: 'a hundredth of ln(3) of three classes', classes: 3, blamed: true },
    { what: 'no measure of a loss of real targets', classes: 0, blamed: false },
  ])('for less than a tenth of the loss: $what', async ({ classes, blamed }) => {
    const holdOut = { ...anyShard, dataset: { ...anyShard.dataset, classes } };
    const three = request([1], update('a', [-1 / 64]), update('b', [-1 / 64]), update('c', [2 / 64]));
    const { scores } = await scoreUpdates({ ...three, holdOut }, paperWork(itself));
    // All: 1. Without c, which changes 159 by itself: less by 1/64, which is more than ln(3) / 100.
    expect(scores).toEqual([78, 78, blamed ? -200 : -159]);
  });

  test('leaving them out together has to change something', async () => {
    const { scores } = await scoreUpdates(
      request([1], update('a', [-1 / 256]), update('b', [-1 / 256]), update('c', [2 / 256])),
      paperWork(itself),
    );
    // All: 1. Without c, which changes 39 by itself: 1/256, less than ln(3) / 100.
    expect(scores[2]).toBe(-39);
  });
});

describe('merges without one', () => {
  const specs: AggregatorSpec[] = [
    equal,
    { name: 'weightedMean', weights: 'trustTimesSamples', discounts: [weightScale, weightScale / 2] },
    { name: 'normClipping', bound: 'median', of: { name: 'weightedMean', weights: 'trust' } },
    { name: 'normClipping', bound: 2, of: equal },
    { name: 'normClipping', bound: 'median', of: { name: 'coordinateMedian' } },
    { name: 'normClipping', bound: 'median', of: { name: 'normClipping', bound: 3, of: trust } },
    { name: 'coordinateMedian' },
    { name: 'trimmedMean', hostile: 1 },
    { name: 'krum', hostile: 0 },
    { name: 'multiKrum', hostile: 0, weights: 'samples' },
  ];

  /** Each `magnitude` is a power of ten by which one update is longer than the others. */
  const rounds = fc.record({
    seed: fc.nat(),
    n: fc.integer({ min: 4, max: 9 }),
    magnitudes: fc.array(fc.integer({ min: -3, max: 25 }), { minLength: 0, maxLength: 2 }),
  });
  const parameters = 37;

  function candidates({ seed, n, magnitudes }: { seed: number; n: number; magnitudes: number[] }) {
    const random = generator(seed);
    return Array.from({ length: n }, (_, i): Candidate => ({
      actor: `trainer-${i}`,
      sequence: 0,
      delta: Float32Array.from({ length: parameters }, () => random.normal() * 10 ** (magnitudes[i] ?? 0)),
      samples: 1 + random.integer(1000),
      trust: 1 + random.integer(weightScale),
      staleness: random.integer(3),
    }));
  }

  test.each(specs.map((spec) => [aggregatorOf(spec).name, spec] as const))(
    '%s: what its recipes make is what merging all others makes',
    async (_, spec) => {
      await fc.assert(
        fc.asyncProperty(rounds, async (round) => {
          const all = candidates(round);
          const base = new Float32Array(parameters);
          const work = paperWork(itself);
          const normed = all.map((candidate) => ({ candidate, norm: Math.hypot(...candidate.delta) }));
          const { all: together, without } = await leaveOneOut(base, normed, spec, work.sum);
          const expected = (from: Candidate[]) => {
            const merge = aggregatorOf(spec).merge(from);
            if (merge.kind === 'refused') throw new Error(merge.reason);
            return merge.delta;
          };
          const close = (found: Float32Array, right: Float32Array) => {
            const gap = Math.hypot(...found.map((value, i) => value - right[i]!));
            expect(gap).toBeLessThanOrEqual(1e-5 * Math.hypot(...right));
          };
          close(made(together), expected(all));
          for (const [i, recipe] of without.entries())
            close(made(recipe), expected(all.filter((_, j) => j !== i)));
        }),
        { numRuns: 40 },
      );
    },
  );

  test('are sums of at most two, plus one for an update that dwarfs all others', async () => {
    const spec: AggregatorSpec = { name: 'normClipping', bound: 'median', of: equal };
    for (const [magnitudes, sums] of [
      [[], 2],
      [[12], 2],
      [[12, 12], 2],
    ] as const) {
      const work = paperWork(itself);
      const all = candidates({ seed: 1, n: 40, magnitudes: [...magnitudes] });
      const normed = all.map((candidate) => ({ candidate, norm: Math.hypot(...candidate.delta) }));
      await leaveOneOut(new Float32Array(parameters), normed, spec, work.sum);
      expect(work.asked.sums).toBe(sums);
      const plain = paperWork(itself);
      await leaveOneOut(new Float32Array(parameters), normed, trust, plain.sum);
      expect(plain.asked.sums).toBe(magnitudes.length === 1 ? 2 : 1);
    }
  });
});

describe('a request', () => {
  test.each<[string, Partial<ScoringRequest>, string]>([
    ['has no update', { updates: [] }, '0 updates'],
    ['has 257', { updates: Array.from({ length: 257 }, (_, i) => update(`${i}`, [1])) }, '257 updates'],
    ['has a key twice', { updates: [update('a', [1]), update('a', [2])] }, 'is there twice'],
    ['weighs by a fraction', { updates: [update('a', [1], 0.5)] }, 'trust of update 0 of "a" is 0.5'],
    [
      'has an aggregator without meaning',
      { aggregator: { name: 'normClipping', bound: NaN, of: equal } },
      'bound',
    ],
    [
      'scores accuracy where there is none',
      { rule: 'accuracy', holdOut: part(lines(), 0, 10) },
      'real targets',
    ],
  ])('that %s is a fault', async (_, wrong, message) => {
    const right = request([10], update('a', [-1]));
    await expect(scoreUpdates({ ...right, ...wrong }, paperWork(itself))).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining(message) as string,
    });
  });

  test('in another order gives the same scores in that order, to the bit', async () => {
    const rows = fc.array(
      fc.record({
        delta: fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: 5, maxLength: 5 }),
        weight: fc.integer({ min: 0, max: weightScale }),
        at: fc.integer(),
      }),
      { minLength: 1, maxLength: 12 },
    );
    // The last bit of every parameter reaches this loss.
    const loss = (values: Float32Array) => values.reduce((sum, v, i) => sum + (i + 1.1) * v * v, 1e-3);
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom(...scoringRules), async (all, rule) => {
        const updates = all.map(({ delta, weight }, i) => update(`trainer-${i}`, delta, weight));
        const order = all.map((_, i) => i).sort((a, b) => all[a]!.at - all[b]!.at);
        const shuffled = order.map((i) => updates[i]!);
        const straight = { ...request([1, 2, 3, 4, 5], ...updates), rule };
        const first = await scoreUpdates(straight, paperWork(loss));
        const second = await scoreUpdates({ ...straight, updates: shuffled }, paperWork(loss));
        expect(second).toEqual({ ...first, scores: order.map((i) => first.scores[i]) });
      }),
    );
  });
});

describe('in the threads of a learner', () => {
  const images = patterns({ size: 900 });
  const holdOut = part(images, 300, 900);

  async function trainedUpdates(parameters: Parameters, learner: Awaited<ReturnType<typeof openLearner>>) {
    return Promise.all(
      Array.from({ length: 6 }, async (_, i): Promise<ScoredUpdate> => {
        const shard = part(images, 50 * i, 50 * i + 50);
        const trained = await learner.train({ parameters, shard, hyper: { batchSize: 10 }, seed: i });
        const delta = sharedFloats(parameters.values.length);
        const sign = i === 3 ? -0.3 : 1; // One liar, who does not break the merge.
        for (let k = 0; k < delta.length; k++)
          delta[k] = sign * (trained.parameters.values[k]! - parameters.values[k]!);
        return { key: `trainer-${i}`, delta, weight: (i + 1) * 1e8, samples: 50 };
      }),
    );
  }

  async function allScores(workers: number) {
    const learner = await openLearner({ model: demanding, workers });
    try {
      const base = await learner.initialise('start');
      const updates = await trainedUpdates(base, learner);
      const aggregators: AggregatorSpec[] = [trust, { name: 'coordinateMedian' }];
      const scored = [];
      for (const aggregator of aggregators)
        for (const rule of scoringRules)
          scored.push(await learner.score({ base, updates, aggregator, rule, holdOut }));
      return { base, updates, scored };
    } finally {
      await learner.close();
    }
  }

  test('scores are the same bytes on 1, 2 and 4 of them, and tell the liar', async () => {
    const { scored: single } = await allScores(1);
    for (const workers of [2, 4]) expect((await allScores(workers)).scored).toEqual(single);
    for (const { scores } of single.slice(0, 2)) expect(Math.min(...scores)).toBe(scores[3]);
    expect(single[0]!.scores[3]).toBeLessThan(-100);
  });

  test('scores are those of evaluating what is merged by hand', async () => {
    const { base, updates, scored } = await allScores(2);
    const learner = await openLearner({ model: demanding, workers: 2 });
    const candidates = updates.map(({ key, delta, weight }) => ({
      ...{ actor: key, sequence: 0, delta, trust: weight, samples: 50, staleness: 0 },
    }));
    const merged = (from: Candidate[]) => {
      const merge = aggregatorOf(trust).merge(from);
      if (merge.kind === 'refused') throw new Error(merge.reason);
      return addDelta(base, merge.delta);
    };
    const [all, ...without] = await learner.evaluate(
      [merged(candidates), ...candidates.map((_, i) => merged(candidates.filter((_, j) => j !== i)))],
      holdOut,
    );
    const [alone, ...plus] = await learner.evaluate(
      [base, ...updates.map(({ delta }) => addDelta(base, delta))],
      holdOut,
    );
    await learner.close();
    const [byLeavingOut, standalone, accuracy] = scored;
    expect(byLeavingOut!.base).toEqual(alone);
    expect(byLeavingOut!.merged!.loss).toBeCloseTo(all!.loss, 6);
    without.forEach(({ loss }, i) => {
      const score = (10_000 * (loss - all!.loss)) / loss;
      expect(Math.abs(byLeavingOut!.scores[i]! - score)).toBeLessThan(0.6);
    });
    expect(standalone!.scores).toEqual(
      plus.map(({ loss }) => Math.round((10_000 * (alone!.loss - loss)) / alone!.loss)),
    );
    const points = (of: typeof plus) => of.map(({ accuracy }) => Math.round(10_000 * accuracy!));
    expect(accuracy!.baseScore).toBe(points([alone!])[0]);
    expect(accuracy!.scores).toEqual(points(plus).map((after) => after - accuracy!.baseScore!));
  });

  test('a delta or a hold-out that is not of the model is a fault', async () => {
    const learner = await openLearner({ model: demanding, workers: 1 });
    const base = await learner.initialise(1);
    const right = { base, updates: [update('a', base.values)], aggregator: trust, holdOut } as const;
    const rule = 'leaveOneOut';
    const short = [update('a', base.values.subarray(1))];
    await expect(learner.score({ ...right, rule, updates: short })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
    });
    const other = part(patterns({ side: 9 }), 0, 10);
    await expect(learner.score({ ...right, rule, holdOut: other })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
    });
    await learner.close();
    const model = await loadModel('tabular-mlp', { shape: [4], classes: 0 });
    const regression = await openLearner({ model, workers: 1 });
    const start = await regression.initialise(1);
    const targets = part(lines(), 0, 50);
    const updates = [update('a', start.values)];
    expect(
      await regression.score({ base: start, updates, aggregator: trust, rule, holdOut: targets }),
    ).toMatchObject({ baseScore: null, scores: [expect.any(Number)] });
    await regression.close();
  });
});

test('addDelta adds in float32, into fresh memory, and only what fits', () => {
  const base = parametersOf([1, 2 ** 24, -0.1]);
  const sum = addDelta(base, Float32Array.of(0.5, 1, 0.1));
  expect([...sum.values]).toEqual([1.5, 2 ** 24, 0]);
  expect(sum.layout).toBe(base.layout);
  expect([...base.values]).toEqual([1, 2 ** 24, Math.fround(-0.1)]);
  expect(() => addDelta(base, Float32Array.of(1))).toThrow(RangeError);
});
