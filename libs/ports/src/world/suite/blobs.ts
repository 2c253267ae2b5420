import assert from 'node:assert/strict';
import type { Digest } from '#libs/protocol';
import type { Blobs } from '../blobs.ts';
import { addressOf, bytesOf, fresh, type PortCase, settled, type Settling } from './port-case.ts';

/** A blob store under test, with room enough, and what a test may do to it from outside. */
export interface BlobsWorld extends Settling {
  /** The store as a site has it. */
  at(site: string): Blobs;
  /** Makes an object of the store differ from what its address says. */
  damage(digest: Digest): Promise<void>;
}

/** More than one chunk of any store. */
const largeBytes = 1_000_003;

/** Two sites, and what they do, seen through to its end. */
function scene(world: BlobsWorld) {
  const [one, other] = [world.at(fresh('site')), world.at(fresh('site'))];
  return {
    one,
    other,
    put: (bytes: Uint8Array, blobs = one) => settled(world, blobs.put(bytes)),
    get: (digest: Digest, maxSizeBytes = largeBytes, blobs = other) =>
      settled(world, blobs.get(digest, maxSizeBytes)),
  };
}

/** An object that no other case has put. */
const object = (sizeBytes: number): Uint8Array => bytesOf(fresh('object'), sizeBytes);

/** What every `Blobs` does. */
export const blobsCases: readonly PortCase<BlobsWorld>[] = [
  {
    name: 'an object has the SHA-256 of its bytes for its address, and is there for others',
    async run(world) {
      const { put, get, one } = scene(world);
      const bytes = object(5_000);
      const digest = await put(bytes);
      assert.equal(digest, addressOf(bytes));
      assert.deepEqual(await get(digest), bytes);
      assert.deepEqual(await get(digest, largeBytes, one), bytes);
    },
  },
  {
    name: 'objects of every size come back as they were',
    async run(world) {
      const { put, get } = scene(world);
      const part = object(1_000).subarray(100, 200);
      for (const bytes of [new Uint8Array(0), object(1), part, object(largeBytes)]) {
        const digest = await put(bytes);
        assert.equal(digest, addressOf(bytes));
        // Not deepEqual on a million entries: it takes seconds.
        assert.ok(Buffer.from(bytes).equals((await get(digest))!), `${bytes.length} bytes differ`);
      }
    },
  },
  {
    name: 'what is not there is null',
    async run(world) {
      const { get } = scene(world);
      assert.equal(await get(addressOf(object(10))), null);
    },
  },
  {
    name: 'an object that was not there can be put and got later',
    async run(world) {
      const { put, get } = scene(world);
      const bytes = object(10);
      assert.equal(await get(addressOf(bytes)), null);
      assert.deepEqual(await get(await put(bytes)), bytes);
    },
  },
  {
    name: 'what is longer than the reader takes is null; what is just as long is not',
    async run(world) {
      const { put, get } = scene(world);
      const bytes = object(1_000);
      const digest = await put(bytes);
      assert.equal(await get(digest, 999), null);
      assert.equal(await get(digest, 0), null);
      assert.deepEqual(await get(digest, 1_000), bytes);
    },
  },
  {
    name: 'an object that is put again, by whomever, is the same object',
    async run(world) {
      const { put, get, other } = scene(world);
      const bytes = object(1_000);
      const digest = await put(bytes);
      assert.equal(await put(bytes), digest);
      assert.equal(await put(bytes.slice(), other), digest);
      assert.deepEqual(await get(digest), bytes);
    },
  },
  {
    name: 'what is not what its address says is null, until it is put again',
    async run(world) {
      const { put, get } = scene(world);
      const bytes = object(1_000);
      const digest = await put(bytes);
      await world.damage(digest);
      assert.equal(await get(digest), null);
      assert.equal(await put(bytes), digest);
      assert.deepEqual(await get(digest), bytes);
    },
  },
  {
    name: 'many objects that are moved at once do not get mixed up',
    async run(world) {
      const { one, other } = scene(world);
      const objects = Array.from({ length: 20 }, (_, i) => object(1_000 + i));
      const putting = objects.map((bytes, i) => (i % 2 === 0 ? one : other).put(bytes));
      const digests = await settled(world, Promise.all(putting));
      assert.deepEqual(digests, objects.map(addressOf));
      const getting = digests.flatMap((digest) => [one, other].map((blobs) => blobs.get(digest, 2_000)));
      const got = await settled(world, Promise.all(getting));
      assert.deepEqual(
        got,
        objects.flatMap((bytes) => [bytes, bytes]),
      );
    },
  },
];
