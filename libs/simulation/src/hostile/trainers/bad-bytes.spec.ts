import { describe, expect, test } from 'vitest';
import { codecNames, decode, encode } from '#libs/learning';
import { trainingFrom } from '../situations.fixture.ts';
import { badBytes } from './bad-bytes.ts';

const layout = [
  { name: 'kernel', shape: [2, 3], offset: 0, size: 6 },
  { name: 'bias', shape: [3], offset: 6, size: 3 },
];
const values = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
const refusals = { nan: 'VALUE_INVALID', shape: 'SHAPE_DIFFERS', truncated: 'TRUNCATED' } as const;

describe.each(codecNames)('bad bytes of %s', (codec) => {
  const encoded = encode(codec, { layout, values }, { samples: 60 });
  if (encoded.kind === 'refused') throw new Error(encoded.reason);
  const honest = encoded.bytes;

  test.each(['nan', 'shape', 'truncated'] as const)('with %s are refused for that', (what) => {
    const before = [...honest];
    const bytes = badBytes({ kind: 'badBytes', with: what }).bytes!(honest, trainingFrom([]));
    const codes = what === 'nan' ? ['NOT_FINITE', refusals.nan] : [refusals[what]];
    const decoded = decode(codec, bytes, layout);
    expect(codes).toContain(decoded.kind === 'refused' ? decoded.code : decoded.kind);
    expect([...honest]).toEqual(before);
  });
});
