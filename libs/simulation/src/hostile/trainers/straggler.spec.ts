import { describe, expect, test } from 'vitest';
import { momentsOf, trainerSetting, trainingFrom } from '../situations.fixture.ts';
import { straggler } from './straggler.ts';

const { slowness } = straggler({ kind: 'straggler', mean: 4 }, trainerSetting());
const factors = Array.from({ length: 5_000 }, (_, training) => slowness!(trainingFrom([], { training })));

describe('a straggler', () => {
  test('is slower by 1 plus an exponential draw, whose mean is its deviation', () => {
    const { mean, deviation } = momentsOf(factors);
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(1);
    expect(Math.abs(mean - 5)).toBeLessThan(5 * (4 / Math.sqrt(5_000)));
    // The fourth central moment of an exponential is 9 times its variance squared.
    expect(Math.abs(deviation - 4)).toBeLessThan(5 * (4 * Math.sqrt(2 / 5_000)));
  });

  test('is as slow for the same seed and training', () => {
    const again = straggler({ kind: 'straggler', mean: 4 }, trainerSetting()).slowness!;
    expect(again(trainingFrom([], { training: 17 }))).toBe(factors[17]);
  });
});
