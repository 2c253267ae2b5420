import fc from 'fast-check';
import { expect, test } from 'vitest';
import { basisPoints, improvement } from './basis-points.ts';

test.each([
  ['a tenth better', 2, 1.8, 1000],
  ['half as bad again', 2, 3, -5000],
  ['the same', 2, 2, 0],
  ['a third of a basis point', 3, 2.9999, 0],
  ['two thirds of a basis point worse', 3, 3.0002, -1],
  ['perfect', 2, 0, 10_000],
  ['perfect as before', 0, 0, 0],
  ['no longer perfect', 0, 1e-9, -32_767],
  ['ten times worse', 0.1, 1, -32_767],
  ['broken', 2, NaN, -32_767],
  ['overflown', 2, Infinity, -32_767],
  ['mended', Infinity, 2, -32_767],
  ['as broken as before', Infinity, Infinity, -32_767],
])('%s: from a loss of %d to %d are %d basis points', (_, before, after, score) => {
  expect(improvement(before, after)).toBe(score);
});

test('every score is an int16 other than -32768, and no -0', () => {
  const loss = fc.double({ min: 0 });
  fc.assert(
    fc.property(loss, loss, (before, after) => {
      const score = improvement(before, after);
      expect(new Int16Array([score])[0]).toBe(score);
      expect(Math.abs(score)).toBeLessThanOrEqual(32_767);
    }),
  );
});

test('an accuracy is counted in hundredths of a percent', () => {
  expect([0, 0.91236, 0.91234, 1].map(basisPoints)).toEqual([0, 9124, 9123, 10_000]);
});
