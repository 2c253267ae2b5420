import { describe, expect, test } from 'vitest';
import { checkDataset, sharedFloats, wholeShard } from '#libs/data';
import { images } from '../examples.fixture.ts';
import { flipped, labelFlip } from './label-flip.ts';

describe('flipped labels', () => {
  test('are the wrong way round, on the same features, and the honest ones stay', () => {
    const dataset = images({ size: 12, classes: 4 });
    const after = flipped(dataset);
    expect([...after.labels]).toEqual([3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0]);
    expect(after.features).toBe(dataset.features);
    expect(after.labels.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([...dataset.labels].slice(0, 4)).toEqual([0, 1, 2, 3]);
    checkDataset(after);
  });

  test('are made once for all Trainers and trainings', () => {
    const dataset = images();
    const [one, other] = [labelFlip(), labelFlip()];
    const first = one.shard!(wholeShard(dataset), 0);
    expect(first.indices).toEqual(wholeShard(dataset).indices);
    expect(one.shard!(wholeShard(dataset), 1).dataset).toBe(first.dataset);
    expect(other.shard!(wholeShard(dataset), 0).dataset).toBe(first.dataset);
  });

  test('of a regression have the other sign', () => {
    const labels = sharedFloats(2);
    labels.set([0.5, -3]);
    expect([...flipped({ ...images({ size: 2 }), classes: 0, labels }).labels]).toEqual([-0.5, 3]);
  });
});
