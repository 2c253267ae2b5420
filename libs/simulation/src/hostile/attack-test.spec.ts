import { expect, test } from 'vitest';
import type { TrainerBehaviour } from '#libs/experiment';
import { wholeShard } from '#libs/data';
import { attackTest } from './attack-test.ts';
import { images } from './examples.fixture.ts';

const dataset = images({ size: 40, classes: 10 });
const half = { dataset, indices: wholeShard(dataset).indices.slice(0, 20) };
const testOf = (...behaviours: readonly TrainerBehaviour[]) =>
  attackTest({ trainers: behaviours.map((behaviour) => ({ behaviour, speed: 1 })) } as never, half);

test('who teaches nothing has no test of it', () => {
  expect(testOf({ kind: 'honest' }, { kind: 'noise', std: 1 }, { kind: 'signFlip', factor: 1 })).toBeNull();
});

test('a backdoor is tested on the same examples with the patch, but for those of its target', () => {
  const shard = testOf({ kind: 'honest' }, { kind: 'backdoor', share: 0.2, target: 3 })!;
  const others = [...half.indices].filter((i) => dataset.labels[i] !== 3);
  expect(shard.indices).toHaveLength(others.length);
  expect([...shard.indices].every((i) => shard.dataset.labels[i] === 3)).toBe(true);
});

test('flipped labels are tested on the same examples with those labels', () => {
  const shard = testOf({ kind: 'labelFlip' })!;
  expect(shard.indices).toEqual(half.indices);
  for (const i of shard.indices) expect(shard.dataset.labels[i]).toBe(9 - dataset.labels[i]!);
});
