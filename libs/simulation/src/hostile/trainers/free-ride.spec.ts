import { describe, expect, test } from 'vitest';
import { trainerSetting, trainingFrom } from '../situations.fixture.ts';
import { freeRide } from './free-ride.ts';

const rider = (what: 'zeros' | 'random' | 'last') => {
  const { instead } = freeRide({ kind: 'freeRide', with: what }, trainerSetting());
  return (...[values, of]: Parameters<typeof trainingFrom>) => instead!(trainingFrom(values, of))!;
};
const norm = (values: Float32Array) => Math.hypot(...values);

describe('a free rider', () => {
  test('with zeros changes nothing', () => {
    expect([...rider('zeros')([1, 2, 3])]).toEqual([0, 0, 0]);
  });

  test('with the last step sends what the others have done before', () => {
    const send = rider('last');
    expect([...send([1, 2])]).toEqual([0, 0]);
    expect([...send([1.5, 1], { training: 1 })]).toEqual([0.5, -1]);
    expect([...send([2, 1], { training: 2, version: 4 })]).toEqual([0.5, 0]);
  });

  test('takes a round without a release for no step', () => {
    const send = rider('last');
    send([1, 2]);
    send([2, 2], { training: 1 });
    expect([...send([2, 2], { training: 2, version: 1 })]).toEqual([1, 0]);
  });

  test('with noise sends as much as the last step, and a twentieth of the model before there is one', () => {
    const send = rider('random');
    const first = send(new Array<number>(400).fill(1));
    expect(norm(first)).toBeCloseTo(1, 4);
    const second = send(new Array<number>(400).fill(1.5), { training: 1 });
    expect(norm(second)).toBeCloseTo(10, 3);
    expect(new Set(second).size).toBeGreaterThan(300);
  });

  test('draws by seed and training', () => {
    const first = () => rider('random')([1, 2, 3], { training: 5, version: 0 });
    expect(first()).toEqual(first());
    expect(first()).not.toEqual(rider('random')([1, 2, 3], { training: 6, version: 0 }));
  });

  test('sends a model of zeros nothing', () => {
    expect([...rider('random')([0, 0])].every((value) => value === 0)).toBe(true);
  });
});
