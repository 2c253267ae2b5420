import assert from 'node:assert/strict';
import type { Journal } from '../journal.ts';
import { bytesOf, fresh, type PortCase, settled, type Settling } from './port-case.ts';

/** Journals under test. */
export interface JournalWorld extends Settling {
  /** The journal as a node finds it when it starts. If the node has run before, it was killed this moment. */
  open(node: string): Promise<Journal>;
}

/** A node with a journal; `restart` kills it and gives the journal that it finds. */
async function scene(world: JournalWorld) {
  const node = fresh('node');
  return { journal: await world.open(node), restart: () => world.open(node) };
}

const keys = [
  '',
  ' ',
  '.',
  '..',
  '../a',
  'a/b',
  'A',
  'a',
  'a\u0000',
  'ä',
  '__proto__',
  '😀',
  'k'.repeat(500),
];

/** What every `Journal` does. */
export const journalCases: readonly PortCase<JournalWorld>[] = [
  {
    name: 'what was not written is not there',
    async run(world) {
      const { journal, restart } = await scene(world);
      for (const key of ['a', 'toString', '__proto__']) assert.equal(journal.get(key), undefined);
      assert.equal((await restart()).get('a'), undefined);
    },
  },
  {
    name: 'what was written is there, and still is after the node was killed',
    async run(world) {
      const { journal, restart } = await scene(world);
      const bytes = bytesOf('entry', 100);
      await settled(world, journal.put('a', bytes));
      assert.deepEqual(journal.get('a'), bytes);
      const found = await restart();
      assert.deepEqual(found.get('a'), bytes);
      await settled(world, found.put('b', bytes));
      const again = await restart();
      assert.deepEqual([again.get('a'), again.get('b')], [bytes, bytes]);
    },
  },
  {
    name: 'an entry is written once: what comes second does nothing',
    async run(world) {
      const { journal, restart } = await scene(world);
      const [first, second] = [bytesOf('first', 10), bytesOf('second', 10)];
      await settled(world, Promise.all([journal.put('a', first), journal.put('a', second)]));
      await settled(world, journal.put('a', second));
      assert.deepEqual(journal.get('a'), first);
      const found = await restart();
      await settled(world, found.put('a', second));
      assert.deepEqual(found.get('a'), first);
      assert.deepEqual((await restart()).get('a'), first);
    },
  },
  {
    name: 'any text is a key and any bytes are an entry',
    async run(world) {
      const { journal, restart } = await scene(world);
      const entry = (key: string, i: number) => bytesOf(key, 37 * i);
      await settled(world, Promise.all(keys.map((key, i) => journal.put(key, entry(key, i)))));
      for (const one of [journal, await restart()]) {
        assert.deepEqual(
          keys.map((key) => one.get(key)),
          keys.map(entry),
        );
      }
    },
  },
  {
    name: 'every node has its own',
    async run(world) {
      const [one, other] = [await scene(world), await scene(world)];
      await settled(world, one.journal.put('a', bytesOf('entry', 10)));
      assert.equal(other.journal.get('a'), undefined);
      assert.equal((await other.restart()).get('a'), undefined);
    },
  },
  {
    name: 'what its writer or a reader does to the array afterwards is not written',
    async run(world) {
      const { journal, restart } = await scene(world);
      const bytes = bytesOf('entry', 10);
      const written = bytes.slice();
      const writing = journal.put('a', written);
      written.fill(0);
      await settled(world, writing);
      journal.get('a')!.fill(1);
      assert.deepEqual(journal.get('a'), bytes);
      assert.deepEqual((await restart()).get('a'), bytes);
    },
  },
  {
    name: 'a node that is killed while it writes finds each entry whole or not at all, and can go on',
    async run(world) {
      const { journal, restart } = await scene(world);
      const names = Array.from({ length: 20 }, (_, i) => `entry ${i}`);
      const entry = (name: string) => bytesOf(name, 1_000);
      await settled(world, journal.put('before', entry('before')));
      for (const name of names) void journal.put(name, entry(name));
      const found = await restart();
      assert.deepEqual(found.get('before'), entry('before'));
      for (const name of names) {
        const survived = found.get(name);
        if (survived !== undefined) assert.deepEqual(survived, entry(name));
      }
      await settled(world, Promise.all(names.map((name) => found.put(name, entry(name)))));
      const again = await restart();
      for (const name of names) assert.deepEqual(again.get(name), entry(name));
    },
  },
];
