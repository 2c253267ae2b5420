import { describe, expect, test } from 'vitest';
import type { ActorId } from '#libs/protocol';
import { generator } from '#libs/random';
import { Recall } from '../recall.ts';
import type { Update } from '../update-opener.ts';
import { Copies } from './copies.ts';

const id = (i: number): ActorId => `0x${String(i).padStart(40, '0')}`;
const random = generator('copies');
const normal = (name: string, length = 20_000) => {
  const own = random.split(name);
  return Float32Array.from({ length }, () => own.normal());
};
let made = 0;
const update = (trainer: number, delta: Float32Array): Update => ({
  trainer: id(trainer),
  receipt: `0x${String(made++).padStart(64, '0')}`,
  delta,
  samples: 1,
});
const newCopies = () => new Copies(new Recall(10));
/** The first with so much of the second in it that their cosine is about as said. */
const alike = (a: Float32Array, b: Float32Array, cosine: number) =>
  a.map((value, i) => cosine * value + Math.sqrt(1 - cosine ** 2) * b[i]!);

describe('an update', () => {
  const original = normal('original');

  test('of another Trainer that comes again is a copy, scaled and slightly changed too', async () => {
    const copies = newCopies();
    expect(await copies.among(0, [update(1, original)])).toEqual([false]);
    const disguised = alike(original, normal('disguise'), 0.99).map((value) => 3 * value);
    expect(await copies.among(1, [update(2, original), update(3, disguised)])).toEqual([true, true]);
  });

  test('that only resembles one is none', async () => {
    const copies = newCopies();
    await copies.among(0, [update(1, original)]);
    expect(await copies.among(1, [update(2, alike(original, normal('other'), 0.95))])).toEqual([false]);
    expect(await copies.among(2, [update(2, normal('independent'))])).toEqual([false]);
  });

  test('of its own Trainer is none, nor is one of the same lineup: neither could have seen the other', async () => {
    const copies = newCopies();
    expect(await copies.among(0, [update(1, original), update(2, original)])).toEqual([false, false]);
    expect(await copies.among(1, [update(3, normal('new'))])).toEqual([false]);
    const again = newCopies();
    await again.among(0, [update(1, original)]);
    expect(await again.among(1, [update(1, original)])).toEqual([false]);
  });

  test('of zeros is nobody’s', async () => {
    const copies = newCopies();
    const zeros = new Float32Array(100);
    await copies.among(0, [update(1, zeros)]);
    expect(await copies.among(1, [update(2, zeros)])).toEqual([false]);
  });

  test('is judged again as it was, when a round is scored a second time', async () => {
    const copies = newCopies();
    await copies.among(0, [update(1, original)]);
    expect(await copies.among(1, [update(2, original)])).toEqual([true]);
    expect(await copies.among(1, [update(2, original)])).toEqual([true]);
  });
});
