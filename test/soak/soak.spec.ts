import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { overall, soak } from './soak.ts';

const golden = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>;

// The whole of it, 1,000 seeds on two threads: node --conditions=source test/soak/main.ts
test('50 seeds of 50 rounds come to the committed end', () => {
  expect(overall(Array.from({ length: 50 }, (_, seed) => soak(seed)))).toBe(golden[50]);
});

// Seeds that have found something.
test.each([[516, 'receipts held back under SSP were kept or refused by the round in which they arrived']])(
  'seed %i: %s',
  (seed) => {
    expect(soak(seed).rounds).toBe(50);
  },
);
