import { expect, test } from 'vitest';
import { Recall } from './recall.ts';

test('computes once as long as it remembers, and forgets what was used longest ago', async () => {
  const recall = new Recall(2);
  let computed = 0;
  const of = (key: string) => recall.once(key, () => ++computed);
  expect([await of('a'), await of('b'), await of('a')]).toEqual([1, 2, 1]);
  await of('c');
  expect([await of('a'), await of('b')]).toEqual([1, 4]);
});

test('who asks while it is computed gets the same result, a failure too', async () => {
  const recall = new Recall(4);
  const failing = () => recall.once<number>('x', () => Promise.reject(new Error('no')));
  const [first, second] = await Promise.allSettled([failing(), failing()]);
  expect([first.status, second.status]).toEqual(['rejected', 'rejected']);
});
