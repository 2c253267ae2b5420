import { expect, test } from 'vitest';
import type { BlobKind, Blobs } from '#libs/ports';
import type { Digest } from '#libs/protocol';
import { objectDigest, openPost, openSigner } from '#libs/wire';
import { entryOf, ReceiptBook } from './receipt-book.ts';

const run: Digest = `0x${'ab'.repeat(32)}`;
const post = openPost({ run, chainId: 1n, ledger: `0x${'11'.repeat(20)}`, number: 3n });
const messages = [1, 2, 3].map((n) =>
  post.sign(openSigner(new Uint8Array(32).fill(n)), 'receipt', {
    ...{ sequence: n, base: 4, sealed: `0x${'01'.repeat(32)}`, plain: `0x${'02'.repeat(32)}` },
    sizeBytes: 100,
  }),
);

/** Objects in memory, and how often they were asked for. */
class Objects implements Blobs {
  readonly kept = new Map<Digest, Uint8Array>();
  reads = 0;

  put(bytes: Uint8Array, what?: BlobKind): Promise<Digest> {
    const digest = objectDigest(what?.kind ?? 'model', bytes)!;
    this.kept.set(digest, bytes);
    return Promise.resolve(digest);
  }

  get(digest: Digest): Promise<Uint8Array | null> {
    this.reads++;
    return Promise.resolve(this.kept.get(digest) ?? null);
  }
}

test('whoever has heard nothing reads in the lineup what is in it', async () => {
  const objects = new Objects();
  const [one, other] = [new ReceiptBook(run, objects), new ReceiptBook(run, objects)];
  const receipts = messages.map((message) => one.add(message));
  await one.storeLineup(receipts.map(({ digest }) => digest));
  const [root] = objects.kept.keys();
  expect(await other.lineupOf(root!)).toEqual(receipts.map(entryOf));
  for (const receipt of receipts) expect(other.get(receipt.digest)).toEqual(receipt);
  // It can be stored again by whoever has only read it: a lineup that was not settled is proposed anew.
  objects.kept.clear();
  await other.storeLineup(receipts.map(({ digest }) => digest));
  expect([...objects.kept.keys()]).toEqual([root]);
});

test('whoever has stored a lineup need not read it', async () => {
  const objects = new Objects();
  const book = new ReceiptBook(run, objects);
  const receipts = messages.map((message) => book.add(message));
  await book.storeLineup(receipts.map(({ digest }) => digest));
  const [root] = objects.kept.keys();
  expect(await book.lineupOf(root!)).toEqual(receipts.map(entryOf));
  expect(objects.reads).toBe(0);
});

test('a lineup that is not there is null', async () => {
  expect(await new ReceiptBook(run, new Objects()).lineupOf(run)).toBeNull();
});
