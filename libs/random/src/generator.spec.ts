import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generator } from './generator.ts';

const draws = (path: ReturnType<typeof generator>, n = 8) =>
  Array.from({ length: n }, () => path.integer(1 << 30));

describe('generator', () => {
  test('the same seed gives the same draws, on every machine', () => {
    expect(draws(generator(1), 3)).toEqual(draws(generator('1'), 3));
    expect(draws(generator(1), 3)).toMatchInlineSnapshot(`
      [
        960204798,
        235838300,
        236136647,
      ]
    `);
  });

  test('splits are independent of draws already taken and of other splits', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(50), fc.string({ minLength: 1 }), (seed, taken, name) => {
        const fresh = generator(seed);
        const used = generator(seed);
        draws(used, taken);
        used.split('somebody else').uniform();
        expect(draws(used.split(name))).toEqual(draws(fresh.split(name)));
      }),
    );
  });

  test('a permutation holds every index once', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(200), (seed, n) => {
        expect([...generator(seed).permutation(n)].sort((a, b) => a - b)).toEqual([...Array(n).keys()]);
      }),
    );
  });

  test.each([
    ['uniform', 1 / 2, 1 / 12, (g: ReturnType<typeof generator>) => g.uniform()],
    ['normal', 0, 1, (g: ReturnType<typeof generator>) => g.normal()],
    ['gamma(0.3)', 0.3, 0.3, (g: ReturnType<typeof generator>) => g.gamma(0.3)],
    ['gamma(4)', 4, 4, (g: ReturnType<typeof generator>) => g.gamma(4)],
  ])('%s has its mean and variance', (_name, mean, variance, draw) => {
    const g = generator('moments');
    const n = 50_000;
    const values = Array.from({ length: n }, () => draw(g));
    const m = values.reduce((a, b) => a + b, 0) / n;
    const v = values.reduce((a, b) => a + (b - m) ** 2, 0) / n;
    expect(Math.abs(m - mean)).toBeLessThan(5 * Math.sqrt(variance / n));
    expect(Math.abs(v / variance - 1)).toBeLessThan(0.1);
  });
});
