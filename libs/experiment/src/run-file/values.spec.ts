import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bandwidth,
  duration,
  formatDuration,
  formatTokens,
  formatValue,
  ledgerWindow,
  mostWei,
  positions,
  ratio,
  tokens,
} from './values.ts';

const read = (
  schema: { safeParse(value: unknown): { success: boolean; data?: unknown } },
  value: unknown,
) => {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : 'refused';
};

describe('durations', () => {
  test.each([
    ['20 s', 20_000],
    ['500 ms', 500],
    ['1.5 min', 90_000],
    ['2h', 7_200_000],
    ['0.29 s', 290],
    ['1 d', 86_400_000],
    [250, 250],
    ['0 ms', 0],
  ])('%s', (text, ms) => {
    expect(read(duration(), text)).toBe(ms);
  });

  test.each(['20', '20 sec', '-1 s', '0.5 ms', 'soon', '1e3 ms', '400 d', -1, 0.5, true, null])(
    'not %s',
    (text) => {
      expect(read(duration(), text)).toBe('refused');
    },
  );

  test('of the ledger are whole seconds, two at least', () => {
    expect(['2 s', '1999 ms', '2500 ms', 3000].map((text) => read(ledgerWindow(), text))).toEqual([
      2000,
      'refused',
      'refused',
      3000,
    ]);
  });

  test('are written as they are read', () => {
    fc.assert(
      fc.property(fc.nat(31_536_000_000), (ms) => {
        expect(read(duration(), formatDuration(ms))).toBe(ms);
      }),
    );
  });
});

describe('tokens', () => {
  test.each([
    [10, 10n ** 19n],
    [0.1, 10n ** 17n],
    ['0.000000000000000001', 1n],
    ['12345678901.2345678', 123_456_789_012_345_678n * 10n ** 11n],
  ])('%s', (text, wei) => {
    expect(read(tokens(), text)).toBe(wei);
  });

  test('that are lost in a double, too fine, too many, or none', () => {
    const wrong = [
      2 ** 60,
      1e-7,
      '0.0000000000000000001',
      '1e3',
      '-1',
      '79228162515',
      '',
      ' ',
      'ten',
      -1,
      NaN,
    ];
    expect(wrong.map((text) => read(tokens(), text))).toEqual(wrong.map(() => 'refused'));
    expect(read(tokens(1n), 0)).toBe('refused');
  });

  test('are written as they are read', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: mostWei }), (wei) => {
        expect(read(tokens(), formatTokens(wei))).toBe(wei);
      }),
    );
  });
});

describe('ratios', () => {
  const any = ratio('', () => true);

  test('are exact and reduced', () => {
    expect([0.6, '0.6', '2/3', '6/9', 1, 0, '0.125', 0.1].map((text) => read(any, text))).toEqual([
      { numerator: 3, denominator: 5 },
      { numerator: 3, denominator: 5 },
      { numerator: 2, denominator: 3 },
      { numerator: 2, denominator: 3 },
      { numerator: 1, denominator: 1 },
      { numerator: 0, denominator: 1 },
      { numerator: 1, denominator: 8 },
      { numerator: 1, denominator: 10 },
    ]);
    expect(['1/0', '1/', '-1', '1e-3', '0.1234567891', 'half'].map((text) => read(any, text))).toEqual(
      Array(6).fill('refused'),
    );
  });

  test('are written as they are read', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 1000 }), (numerator, denominator) => {
        const value = read(any, `${numerator}/${denominator}`);
        expect(read(any, formatValue(value, 'ratio'))).toEqual(value);
      }),
    );
  });
});

test('positions are numbers and ranges', () => {
  expect(read(positions, [0, '3-5', 9])).toEqual([0, 3, 4, 5, 9]);
  for (const wrong of [[], [-1], ['5-3'], ['a'], 3, ['1-']]) expect(read(positions, wrong)).toBe('refused');
});

test('bandwidths', () => {
  expect(['100 Mbit/s', '12.5 MB/s', 12_500_000].map((text) => read(bandwidth, text))).toEqual(
    Array(3).fill(12_500_000),
  );
  expect(formatValue(12_500_000, 'bytesPerSecond')).toBe('100 Mbit/s');
  for (const wrong of ['100', '100 mbit/s', 0, '1 Gb/s']) expect(read(bandwidth, wrong)).toBe('refused');
});
