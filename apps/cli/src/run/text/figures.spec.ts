import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { count, duration, loss, percent, signed, tokens, trust } from './figures.ts';

const wei = (tokens: string): bigint => {
  const [whole = '', part = ''] = tokens.split('.');
  return BigInt(whole + part.padEnd(18, '0'));
};

describe('tokens', () => {
  test.each([
    [0n, '0.000'],
    [wei('1.5'), '+1.500'],
    [wei('-1.5'), '-1.500'],
    [wei('1234567.0004'), '+1,234,567.000'],
    [wei('0.0005'), '+0.001'],
    [wei('-0.0005'), '-0.001'],
    [wei('999.9996'), '+1,000.000'],
    [1n, '+0.000'],
    [-1n, '-0.000'],
  ])('%s wei are %s', (amount, text) => {
    expect(tokens(amount)).toBe(text);
  });

  test('are at most half of the last digit away from the amount, whatever their size', () => {
    const amount = fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n });
    fc.assert(
      fc.property(amount, fc.integer({ min: 1, max: 3 }), (exact, digits) => {
        const text = tokens(exact, digits).replaceAll(/[,+]/g, '');
        expect(text).toMatch(new RegExp(`^-?\\d+\\.\\d{${digits}}$`));
        const off = wei(text) - exact;
        expect((off < 0n ? -off : off) * 2n).toBeLessThanOrEqual(10n ** BigInt(18 - digits));
      }),
    );
  });
});

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1000, '1.0 s'],
  [9_999, '9.9 s'],
  [10_000, '10 s'],
  [59_999, '59 s'],
  [60_000, '1 min 00 s'],
  [3_599_999, '59 min 59 s'],
  [3_600_000, '1 h 00 min'],
  [86_400_000, '1 d 00 h'],
  [1e12, '11,574 d 01 h'],
])('%s ms last %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('counts, shares, trusts, basis points and losses', () => {
  expect(count(1_234_567)).toBe('1,234,567');
  expect(percent(0.97412)).toBe('97.41 %');
  expect(percent(0.5, 0)).toBe('50 %');
  expect(trust(512_300_000)).toBe('0.512');
  expect([81, 0, -340].map(signed)).toEqual(['+81', '0', '-340']);
  expect([0.08123, 12_345.678].map(loss)).toEqual(['0.0812', '1.23e+4']);
});
