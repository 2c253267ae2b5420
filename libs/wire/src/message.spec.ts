import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openPost } from './check.ts';
import { kinds } from './bodies.ts';
import { contentDigest, decodeMessage, encodeMessage, type Message } from './message.ts';
import { domain, examples, messages, messagesOf, signer } from './messages.fixture.ts';
import { maxSizeBytes } from './scan.ts';

const post = openPost(domain);

describe.each(kinds)('%s', (kind) => {
  test('is what it was after a round trip, and so are its bytes', () => {
    fc.assert(
      fc.property(messagesOf(kind), (message) => {
        const bytes = encodeMessage(message);
        const decoded = decodeMessage(bytes);
        expect(decoded).toEqual({ kind: 'decoded', message });
        if (decoded.kind === 'decoded') expect(encodeMessage(decoded.message)).toEqual(bytes);
      }),
      { numRuns: 200 },
    );
  });
});

test('the largest message of all fits', () => {
  const entries = Array.from({ length: 256 }, (_, i) => ({ number: 65_280 + i, receipt: domain.run }));
  const body = { ...examples.lineupProposal, round: 2 ** 48, attempt: 255, entries };
  const message = post.sign(signer, 'lineupProposal', body);
  expect(encodeMessage(message).length).toBeLessThan(maxSizeBytes / 5);
});

test('different messages have different bytes, and different digests unless only their signatures differ', () => {
  fc.assert(
    fc.property(messages, messages, (a, b) => {
      expect(Buffer.from(encodeMessage(a)).equals(encodeMessage(b))).toBe(false);
      expect(contentDigest(a)).not.toBe(contentDigest(b));
      const signedAgain: Message = { ...a, signature: b.signature };
      expect(contentDigest(signedAgain)).toBe(contentDigest(a));
    }),
    { numRuns: 300 },
  );
});

test('what is no message of ours is not encoded', () => {
  const message = post.sign(signer, 'receipt', examples.receipt);
  expect(() => encodeMessage({ ...message, body: { ...message.body, sequence: -1 } })).toThrow();
  expect(() => encodeMessage({ ...message, sender: '0xAB' })).toThrow();
});
