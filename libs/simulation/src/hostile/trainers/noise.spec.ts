import { describe, expect, test } from 'vitest';
import { momentsOf, trainerSetting, trainingFrom } from '../situations.fixture.ts';
import { noise } from './noise.ts';

const behaviour = { kind: 'noise', std: 0.25 } as const;
const honest = new Float32Array(20_000).fill(1);
const sent = (training: number, setting = trainerSetting()) =>
  noise(behaviour, setting).delta!(honest, trainingFrom([], { training }));

describe('noise', () => {
  test('is added to the update, with the standard deviation that was asked for', () => {
    const { mean, deviation } = momentsOf(sent(0));
    // Five standard errors of a mean and of a deviation of 20,000 draws.
    expect(Math.abs(mean - 1)).toBeLessThan(5 * (0.25 / Math.sqrt(20_000)));
    expect(Math.abs(deviation - 0.25)).toBeLessThan(5 * (0.25 / Math.sqrt(40_000)));
    expect(honest.every((value) => value === 1)).toBe(true);
  });

  test('is the same for the same seed and training, and another for another', () => {
    expect(sent(3)).toEqual(sent(3));
    expect(sent(3)).not.toEqual(sent(4));
  });

  test('does not depend on the trainings before', () => {
    const conduct = noise(behaviour, trainerSetting());
    for (const training of [0, 1, 2]) conduct.delta!(honest, trainingFrom([], { training }));
    expect(conduct.delta!(honest, trainingFrom([], { training: 3 }))).toEqual(sent(3));
  });
});
