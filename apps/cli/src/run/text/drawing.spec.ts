import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bar, chart } from './drawing.ts';
import { ascii, glyphsOf, unicode } from './glyphs.ts';

describe('a bar', () => {
  test.each([
    [0, '....'],
    [0.01, '#...'],
    [0.5, '##..'],
    [0.99, '###.'],
    [1, '####'],
    [7, '####'],
    [-1, '....'],
  ])('of %s is %s', (share, text) => {
    expect(bar(share, 4, ascii)).toBe(text);
  });
});

describe('a chart', () => {
  test('goes from the smallest value to the largest', () => {
    expect(chart([0, 1, 2, 3, 4, 5, 6, 7], { width: 20, height: 1 }, unicode)).toEqual(['▁▂▃▄▅▆▇█']);
    expect(chart([0, 9, 4.5], { width: 20, height: 1 }, ascii)).toEqual(['095']);
  });

  test('of several lines has the top one first', () => {
    expect(chart([0, 0.5, 1], { width: 20, height: 2 }, unicode)).toEqual([' ▁█', '▁██']);
  });

  test('leaves a gap where there is no value', () => {
    expect(chart([1, null, 2], { width: 20, height: 1 }, unicode)).toEqual(['▁ █']);
    expect(chart([], { width: 20, height: 1 }, unicode)).toEqual(['']);
  });

  test('of more values than columns ends with the last one', () => {
    const values = Array.from({ length: 100 }, (_, i) => i);
    expect(chart(values, { width: 4, height: 1 }, ascii)).toEqual(['0369']);
  });

  test('gives a value the columns that it asks for', () => {
    expect(chart([0, 1], { width: 7, height: 1, each: 3 }, ascii)).toEqual(['000999']);
  });

  test('is never larger than it may be', () => {
    const values = fc.array(fc.option(fc.double({ noNaN: true, min: -1e9, max: 1e9 })), { maxLength: 50 });
    const size = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(values, size, size, fc.integer({ min: 1, max: 3 }), (some, width, height, each) => {
        fc.pre(each <= width);
        const drawn = chart(some, { width, height, each }, unicode);
        expect(drawn).toHaveLength(height);
        for (const row of drawn) expect(row.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});

test.each([
  [{ LANG: 'de_DE.UTF-8' }, unicode],
  [{ LANG: 'C.utf8' }, unicode],
  [{ LANG: 'C' }, ascii],
  [{}, ascii],
  [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, ascii],
  [{ LANG: 'C', LC_CTYPE: 'en_US.UTF-8', LC_ALL: '' }, unicode],
  [{ LANG: 'en_US.UTF-8', TERM: 'linux' }, ascii],
])('%o has the characters that it has', (environment, glyphs) => {
  expect(glyphsOf(environment, 'linux')).toBe(glyphs);
});
