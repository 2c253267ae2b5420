import fc from 'fast-check';
import { expect, test } from 'vitest';
import { giveBack, keyBytes, seal, sealedSize, unseal } from './sealing.ts';

const bytes = (length?: number) =>
  fc.uint8Array(length === undefined ? {} : { minLength: length, maxLength: length });

test('what was sealed opens with its key, and only whole', () => {
  fc.assert(
    fc.property(
      bytes(),
      bytes(keyBytes),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (plain, key, at, flip) => {
        const sealed = seal(plain, key);
        expect(sealed.length).toBe(sealedSize(plain.length));
        expect(Buffer.from(unseal(sealed, key)!)).toEqual(Buffer.from(plain));
        const damaged = Uint8Array.from(sealed);
        damaged[at % damaged.length]! ^= flip;
        expect(unseal(damaged, key)).toBeNull();
        expect(unseal(sealed.subarray(0, at % sealed.length), key)).toBeNull();
        const other = Uint8Array.from(key);
        other[at % keyBytes]! ^= flip;
        expect(unseal(sealed, other)).toBeNull();
      },
    ),
  );
});

test('memory that is given back is gone at once, and what shares its memory with others keeps it', () => {
  const own = new Uint8Array(10_000);
  giveBack(own);
  expect(own.length).toBe(0);
  const pooled = Buffer.from('of eight kilobytes that many have');
  const part = new Uint8Array(10_000).subarray(5);
  const shared = new Uint8Array(new SharedArrayBuffer(10_000));
  for (const bytes of [pooled, part, shared]) {
    const { length } = bytes;
    giveBack(bytes);
    expect(bytes.length).toBe(length);
  }
});
