import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFault } from '#libs/fault';
import { addressOf, openSigner, recover } from './keys.ts';
import { digests, keys } from './messages.fixture.ts';

test('whose signature it is, is known from the signature', () => {
  fc.assert(
    fc.property(keys, digests, digests, (key, digest, other) => {
      const signer = openSigner(key);
      const signature = signer.sign(digest);
      expect(addressOf(recover(digest, signature)!)).toBe(signer.address);
      expect(openSigner(key).sign(digest)).toBe(signature);
      const elsewhere = recover(other, signature);
      expect(elsewhere === null ? null : addressOf(elsewhere)).not.toBe(signer.address);
    }),
    { numRuns: 100 },
  );
});

describe('no key:', () => {
  const order = Buffer.from('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141', 'hex');
  test.each([
    ['nothing', new Uint8Array()],
    ['a byte too few', new Uint8Array(31).fill(1)],
    ['a byte too many', new Uint8Array(33).fill(1)],
    ['zero', new Uint8Array(32)],
    ['the order of the curve', order],
  ])('%s', (_what, bytes) => {
    try {
      openSigner(bytes);
      expect.fail('opened');
    } catch (error) {
      expect(isFault(error) && error).toMatchObject({ code: 'KEY_INVALID', facts: { bytes: bytes.length } });
    }
  });

  test('the last one before the order is one', () => {
    expect(openSigner(Buffer.concat([order.subarray(0, 31), Uint8Array.of(0x40)])).address).toMatch(
      /^0x[0-9a-f]{40}$/,
    );
  });
});
