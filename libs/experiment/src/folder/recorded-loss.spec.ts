import { expect, test } from 'vitest';
import { recordedLoss } from './records.ts';

test('a loss that is no number any more is the largest, also as JSON', () => {
  for (const loss of [NaN, Infinity])
    expect(JSON.parse(JSON.stringify(recordedLoss(loss)))).toBe(Number.MAX_VALUE);
  expect(recordedLoss(0.25)).toBe(0.25);
});
