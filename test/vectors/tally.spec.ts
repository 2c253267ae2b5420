import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tallyFile } from './tally.ts';

test('tally.json is what its generator writes', () => {
  expect(readFileSync(new URL('tally.json', import.meta.url), 'utf8')).toBe(tallyFile());
});
