import { describe, expect, test } from 'vitest';
import type { ActorId } from '#libs/protocol';
import { type MergedUpdate, mergeUpdates } from './merging.ts';

const id = (i: number): ActorId => `0x${String(i).padStart(40, '0')}`;
const base = {
  layout: [{ name: 'w', shape: [2], offset: 0, size: 2 }],
  values: Float32Array.of(1, -1),
};
const one = 1_000_000_000;
const update = (i: number, delta: readonly number[], weight = one, stale = one): MergedUpdate => ({
  trainer: id(i),
  sequence: 0,
  delta: Float32Array.from(delta),
  samples: 10,
  weight,
  stale,
});
const merge = (...updates: MergedUpdate[]) => [
  ...mergeUpdates(base, { name: 'weightedMean', weights: 'trust' }, updates).values,
];

describe('a merge', () => {
  test('of fresh updates is the base and their mean by the policy’s weights', () => {
    expect(merge(update(1, [2, 0]), update(2, [4, 4]))).toEqual([1 + 3, -1 + 2]);
    expect(merge(update(1, [2, 0], 0.75 * one), update(2, [4, 4], 0.25 * one))).toEqual([3.5, 0]);
  });

  test('of equally stale ones goes as much less far', () => {
    expect(merge(update(1, [2, 0], one, one / 2), update(2, [4, 4], one, one / 2))).toEqual([2.5, 0]);
  });

  test('of some that are stale is (sum w S delta) / (sum w)', () => {
    const fresh = update(1, [2, 0]);
    const stale = update(2, [4, 4], one, one / 2);
    expect(merge(fresh, stale)).toEqual([1 + (2 + 2) / 2, -1 + (0 + 2) / 2]);
  });

  test('of nothing that weighs anything is the base', () => {
    expect(merge(update(1, [2, 0], 0))).toEqual([1, -1]);
    expect(merge()).toEqual([1, -1]);
  });
});
