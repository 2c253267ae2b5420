import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generator } from '#libs/random';
import { layer, modelOf } from '../examples.fixture.ts';
import { initialise, initializerConfig } from './initializers.ts';
import { coverModel, drawWeights, type CoveredModel } from './model.ts';

const fanIn = 3 * 3 * 20;
const fanOut = 3 * 3 * 30;
const kernel = [3, 3, 20, 30];

function drawn(
  initializer: unknown,
  shape: readonly number[] = kernel,
  seed: number | string = 1,
): Float32Array {
  const into = new Float32Array(shape.reduce((a, b) => a * b));
  initialise(into, shape, initializerConfig.parse(initializer), generator(seed));
  return into;
}

function moments(values: Float32Array) {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  const largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  return { mean, variance, largest };
}

const scaling = (scale: number, mode: string, distribution: string) => ({
  class_name: 'VarianceScaling',
  config: { scale, mode, distribution, seed: null },
});

/** Variance by the paper's formula, and the largest value that can come: of a uniform, the root of three variances. */
const random: [string, unknown, variance: number, mean?: number, limit?: number][] = [
  [
    'GlorotUniform',
    { class_name: 'GlorotUniform', config: {} },
    2 / (fanIn + fanOut),
    0,
    Math.sqrt(6 / (fanIn + fanOut)),
  ],
  ['GlorotNormal', { class_name: 'GlorotNormal', config: {} }, 2 / (fanIn + fanOut)],
  ['HeUniform', { class_name: 'HeUniform', config: {} }, 2 / fanIn, 0, Math.sqrt(6 / fanIn)],
  ['HeNormal', { class_name: 'HeNormal', config: {} }, 2 / fanIn],
  ['LeCunUniform', { class_name: 'LeCunUniform', config: {} }, 1 / fanIn, 0, Math.sqrt(3 / fanIn)],
  ['LeCunNormal', { class_name: 'LeCunNormal', config: {} }, 1 / fanIn],
  ['scaling by fanOut', scaling(3, 'fanOut', 'uniform'), 3 / fanOut, 0, Math.sqrt(9 / fanOut)],
  ['scaling as Keras spells it', scaling(2, 'fan_avg', 'truncated_normal'), 4 / (fanIn + fanOut)],
  ['scaling, not truncated', scaling(1, 'fan_in', 'untruncated_normal'), 1 / fanIn],
  ['RandomUniform', { class_name: 'RandomUniform', config: { minval: -1, maxval: 3 } }, 16 / 12, 1, 3],
  ['RandomNormal', { class_name: 'RandomNormal', config: { mean: 2, stddev: 0.5 } }, 0.25, 2],
  // Of a standard normal cut off at two deviations, the variance is 0.7737.
  ['TruncatedNormal', { class_name: 'TruncatedNormal', config: { mean: 0, stddev: 2 } }, 4 * 0.7737, 0, 4],
];

describe('initializers', () => {
  test.each(random)(
    '%s has the mean and the variance of its formula',
    (_, initializer, variance, mean = 0, limit) => {
      const draws = drawn(initializer); // 5,400 of them: the variance is known to 2 %, five times less than the bound
      const found = moments(draws);
      const deviation = Math.sqrt(variance);
      expect(Math.abs(found.mean - mean)).toBeLessThan(0.07 * deviation);
      expect(found.variance / variance).toBeGreaterThan(0.9);
      expect(found.variance / variance).toBeLessThan(1.1);
      if (limit === undefined) return;
      expect(found.largest).toBeLessThanOrEqual(limit * (1 + 1e-6));
      expect(found.largest).toBeGreaterThan(0.95 * limit);
    },
  );

  test('constants', () => {
    const constant = (initializer: unknown) => new Set(drawn(initializer, [4, 5]));
    expect(constant({ class_name: 'Zeros', config: {} })).toEqual(new Set([0]));
    expect(constant({ class_name: 'Ones', config: {} })).toEqual(new Set([1]));
    expect(constant({ class_name: 'Constant', config: { value: 0.25 } })).toEqual(new Set([0.25]));
  });

  test('a vector has as many inputs as values, so that scaling is defined for it', () => {
    const values = drawn(scaling(1, 'fan_in', 'uniform'), [1000]);
    expect(moments(values).variance).toBeCloseTo(1 / 1000, 4);
  });

  test('the seed decides', () => {
    fc.assert(
      fc.property(fc.constantFrom(...random), fc.nat(), ([, initializer], seed) => {
        expect(drawn(initializer, [5, 6], seed)).toEqual(drawn(initializer, [5, 6], seed));
        expect(drawn(initializer, [5, 6], seed)).not.toEqual(drawn(initializer, [5, 6], seed + 1));
      }),
      { numRuns: 50 },
    );
  });

  test('what is not covered is said', () => {
    const parsed = initializerConfig.safeParse({
      class_name: 'Orthogonal',
      config: { gain: 1 },
    });
    expect(parsed.error!.issues[0]!.message).toBe('this initializer is not covered');
  });
});

test('a layer more does not change what the others draw', () => {
  const dense = (name: string) =>
    layer('Dense', { name, units: 4, kernel_initializer: { class_name: 'HeNormal', config: {} } });
  const weightsOf = (names: readonly string[]) => {
    const model = coverModel(
      modelOf([layer('Flatten', { name: 'flatten' }), ...names.map(dense)]),
    ) as CoveredModel;
    const { values, layout } = drawWeights(model, 9);
    return new Map(layout.map(({ name, offset, size }) => [name, values.slice(offset, offset + size)]));
  };
  const few = weightsOf(['first', 'last']);
  const more = weightsOf(['first', 'between', 'last']);
  expect(more.size).toBe(few.size + 2);
  expect(more.get('first/kernel')).toEqual(few.get('first/kernel'));
  expect(more.get('first/kernel')!.every((v) => v !== 0)).toBe(true);
  const between = more.get('between/kernel')!;
  expect(more.get('last/kernel')).toEqual(few.get('last/kernel'));
  expect(between).not.toEqual(more.get('last/kernel'));
});
