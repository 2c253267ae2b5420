import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generator } from '#libs/random';
import { Draws } from './draws.ts';

const site = fc.string({ minLength: 1, maxLength: 8 });
const link = fc.record({ sender: site, message: fc.nat(), receiver: site, attempt: fc.nat(20) });

describe('draws', () => {
  test('a draw is the same whatever was drawn before, and for whom', () => {
    fc.assert(
      fc.property(fc.integer(), link, fc.array(link, { maxLength: 20 }), (seed, one, others) => {
        const draw = (draws: Draws, of: typeof one) =>
          draws.uniform(of.sender, of.message, of.receiver, of.attempt);
        const used = new Draws(generator(seed));
        for (const other of others) draw(used, other);
        const value = draw(used, one);
        expect(value).toBe(draw(new Draws(generator(seed)), one));
        expect(value >= 0 && value < 1).toBe(true);
      }),
    );
  });

  const n = 100_000;
  const draws = new Draws(generator('spread'));
  const name = (i: number) => `site-${i}`;
  test.each([
    ['messages', (i: number) => draws.uniform('a', i, 'b', 0)],
    ['receivers', (i: number) => draws.uniform('a', 7, name(i), 0)],
    ['senders', (i: number) => draws.uniform(name(i), 7, 'b', 0)],
    ['attempts', (i: number) => draws.uniform('a', 7, 'b', i)],
    ['links', (i: number) => draws.uniform(name(i % 317), 7, name(Math.floor(i / 317)), 0)],
  ])('over %s, draws and pairs of neighbours are spread evenly', (_over, draw) => {
    const cells = 16;
    const single = new Float64Array(cells);
    const pairs = new Float64Array(cells * cells);
    let last = 0;
    for (let i = 0; i < n; i++) {
      const cell = Math.floor(draw(i) * cells);
      single[cell]!++;
      if (i % 2 === 1) pairs[last * cells + cell]!++;
      last = cell;
    }
    expect(excess(single, n)).toBeLessThan(5);
    expect(excess(pairs, n / 2)).toBeLessThan(5);
  });
});

/** By how many of its standard deviations chi-square is larger than its mean, if all cells are as likely. */
function excess(counts: Float64Array, n: number): number {
  const expected = n / counts.length;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const freedom = counts.length - 1;
  return (chiSquare - freedom) / Math.sqrt(2 * freedom);
}
