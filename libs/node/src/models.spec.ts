import { expect, test } from 'vitest';
import type { Layout, Parameters } from '#libs/learning';
import type { Blobs } from '#libs/ports';
import type { Digest } from '#libs/protocol';
import { type Released, Models, releasedBytes } from './models.ts';
import { Recall } from './recall.ts';
import { sha256 } from './sealing.ts';

const layout: Layout = [{ name: 'w', shape: [3], offset: 0, size: 3 }];
const modelOf = (...values: readonly number[]): Parameters => ({ layout, values: Float32Array.from(values) });
const made = releasedBytes(modelOf(1, 2, 3));

/** Objects in memory, and how often one was put there. */
class Objects implements Blobs {
  readonly kept = new Map<Digest, Uint8Array>();
  puts = 0;

  put(bytes: Uint8Array): Promise<Digest> {
    this.puts++;
    const digest = sha256(bytes);
    this.kept.set(digest, bytes);
    return Promise.resolve(digest);
  }

  get(digest: Digest): Promise<Uint8Array | null> {
    return Promise.resolve(this.kept.get(digest) ?? null);
  }
}

function modelsWith(objects: Objects, kept?: Released): Models {
  const models = new Models(modelOf(0, 0, 0), objects, new Recall(4));
  if (kept !== undefined) models.keep(kept);
  return models;
}

test('a model that was made here is provided once, and again when it was lost', async () => {
  const objects = new Objects();
  const models = modelsWith(objects, made);
  expect(objects.puts).toBe(0);
  expect([await models.provide(made.digest), await models.provide(made.digest)]).toEqual([true, true]);
  expect(objects.puts).toBe(1);
  objects.kept.clear();
  expect((await models.at(made.digest))?.values).toEqual(Float32Array.of(1, 2, 3));
  expect([...objects.kept.keys()]).toEqual([made.digest]);
});

test('whoever has not made a model says whether it is there', async () => {
  const objects = new Objects();
  const models = modelsWith(objects);
  expect(await models.provide(made.digest)).toBe(false);
  await modelsWith(objects, made).provide(made.digest);
  expect(await models.provide(made.digest)).toBe(true);
});
