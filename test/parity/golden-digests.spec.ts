import { describe, expect, test } from 'vitest';
import { golden, recorded } from './golden-digests.ts';

describe.each(Object.entries(golden))('%s', (file, digests) => {
  test(`holds what Node ${process.version} makes, bit for bit`, () => {
    expect(digests()).toEqual(recorded(file));
  });
});
