import { createHash } from 'node:crypto';
import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Receipt } from '#libs/protocol';
import { receiptOf } from './check.ts';
import { encodeLineup } from './digests.ts';
import { actors, drafts } from './messages.fixture.ts';
import { decodeReceipts, encodeReceipts, objectDigest } from './objects.ts';
import { maxSizeBytes } from './scan.ts';

const run = `0x${'ab'.repeat(32)}` as const;

const receipts: fc.Arbitrary<Receipt> = fc
  .record({ sender: actors, body: drafts.receipt })
  .map(({ sender, body }) => receiptOf({ kind: 'receipt', run, sender, body }));

const lineups = fc.array(receipts, { minLength: 1, maxLength: 8 });

test('a lineup is read as it was written, under the root that the ledger has for it', () => {
  fc.assert(
    fc.property(lineups, (lineup) => {
      const bytes = encodeReceipts(run, lineup);
      expect(decodeReceipts(bytes)).toEqual(lineup);
      const { receiptsRoot } = encodeLineup(
        lineup.map(({ digest }, number) => ({ number, receipt: digest })),
      );
      expect(objectDigest('lineup', bytes)).toBe(receiptsRoot);
    }),
    { numRuns: 200 },
  );
});

test('the longest lineup can be read', () => {
  const body = { sequence: 2 ** 48, base: 2 ** 48, sealed: run, plain: run, sizeBytes: 2 ** 48 };
  const receipt = receiptOf({ kind: 'receipt', run, sender: `0x${'cd'.repeat(20)}`, body });
  const bytes = encodeReceipts(
    run,
    Array.from({ length: 256 }, () => receipt),
  );
  expect(bytes.length).toBeLessThan((3 / 4) * maxSizeBytes);
  expect(decodeReceipts(bytes)).toHaveLength(256);
});

test('a change anywhere is another root, or none', () => {
  fc.assert(
    fc.property(lineups, fc.nat(), fc.integer({ min: 1, max: 255 }), (lineup, at, change) => {
      const bytes = Uint8Array.from(encodeReceipts(run, lineup));
      const root = objectDigest('lineup', bytes);
      bytes[at % bytes.length]! ^= change;
      expect(objectDigest('lineup', bytes)).not.toBe(root);
    }),
    { numRuns: 500 },
  );
});

test('what is no lineup has no root, and no receipts', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      if (objectDigest('lineup', bytes) === null) expect(decodeReceipts(bytes)).toBeNull();
    }),
  );
  for (const value of [7, 'x', [], [[]], [new Uint8Array(3)], [new Uint8Array(3), 'x']]) {
    expect(decodeReceipts(encode(value))).toBeNull();
  }
  expect(objectDigest('lineup', encode([new Uint8Array(3), 'x']))).toBeNull();
});

test('any other object is called by the SHA-256 of its bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const sha256 = `0x${createHash('sha256').update(bytes).digest('hex')}`;
      expect(objectDigest('model', bytes)).toBe(sha256);
      expect(objectDigest('update', bytes)).toBe(sha256);
    }),
  );
});
