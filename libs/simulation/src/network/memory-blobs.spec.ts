import { describe, expect, test } from 'vitest';
import { generator } from '#libs/random';
import { VirtualTime } from '../time/virtual-time.ts';
import { MemoryBlobs } from './memory-blobs.ts';
import { type NetworkModel, perfectNetwork } from './model.ts';
import { Network } from './network.ts';

function open(model: Partial<NetworkModel>) {
  const time = new VirtualTime();
  const blobs = new MemoryBlobs(time, new Network({ ...perfectNetwork, ...model }, generator('blobs')));
  const seen: string[] = [];
  const note = <T>(name: string, promise: Promise<T>): Promise<T> =>
    promise.then((value) => {
      seen.push(`${time.nowMs()} ${name}`);
      return value;
    });
  const done = async <T>(promise: Promise<T>): Promise<T> => {
    await time.run();
    return promise;
  };
  return { time, blobs, seen, note, done };
}

const model = { latencyMs: 10, bytesPerSecond: 1_000 };
const object = (fill: number, sizeBytes = 100) => new Uint8Array(sizeBytes).fill(fill);

describe('blobs in memory', () => {
  test('an object takes a latency and its time on the line, and is there when it has arrived', async () => {
    const { time, blobs, seen, note, done } = open(model);
    const putting = note('put', blobs.at('a').put(object(1)));
    const digest = `0x${'0'.repeat(64)}` as const;
    await done(note('nothing', blobs.at('b').get(digest, 100)));
    const address = await putting;
    expect(seen).toEqual(['10 nothing', '110 put']);
    await done(note('got', blobs.at('b').get(address, 100)));
    await done(note('too long', blobs.at('b').get(address, 99)));
    expect(seen.slice(2)).toEqual(['220 got', '230 too long']);
    expect(time.events).toBe(1 + 2 + 2 + 1);
  });

  test('whoever asks before an object has arrived gets null', async () => {
    const { blobs, seen, note, done } = open(model);
    const address = await done(blobs.at('a').put(object(1)));
    blobs.forget(address);
    const putting = note('put', blobs.at('a').put(object(1)));
    expect(await done(note('asked', blobs.at('b').get(address, 100)))).toBeNull();
    await putting;
    expect(seen).toEqual(['120 asked', '220 put']);
  });

  test("a site's line carries one object after the other, up and down at once; sites do not share lines", async () => {
    const { time, blobs, seen, note } = open(model);
    const address = blobs.at('z').put(object(0));
    await time.run();
    const [a, b] = [blobs.at('a'), blobs.at('b')];
    const all = [
      note('a up 1', a.put(object(1))),
      note('a up 2', a.put(object(2))),
      note('a down 1', a.get(await address, 100)),
      note('a down 2', a.get(await address, 100)),
      note('b up', b.put(object(3))),
    ];
    await time.run();
    await Promise.all(all);
    expect(seen.sort()).toEqual(['220 a down 1', '220 a up 1', '220 b up', '320 a down 2', '320 a up 2']);
    expect(blobs.moved('a')).toEqual({ upBytes: 200, downBytes: 200 });
    expect(blobs.moved('b')).toEqual({ upBytes: 100, downBytes: 0 });
    expect(blobs.moved('nobody')).toEqual({ upBytes: 0, downBytes: 0 });
  });

  test('parts of a millisecond add up', async () => {
    const { time, blobs } = open({ bytesPerSecond: 1_000_000 });
    const all = Array.from({ length: 100 }, (_, i) => blobs.at('a').put(object(i, 250)));
    await time.run();
    await Promise.all(all);
    expect(time.nowMs()).toBe(25);
  });

  test('a site that is cut off waits, before it is heard and before it hears', async () => {
    const partitions = [
      { fromMs: 0, toMs: 50, sites: ['a'] },
      { fromMs: 100, toMs: 300, sites: ['a', 'b'] },
    ];
    const { blobs, seen, note, done } = open({ ...model, partitions });
    const others = note('c', blobs.at('c').put(object(2)));
    const address = await done(note('a', blobs.at('a').put(object(1))));
    expect(await others).not.toBe(address);
    expect(seen).toEqual(['110 c', '300 a']);
    expect(await done(blobs.at('b').get(address, 100))).toEqual(object(1));
  });

  test('everybody gets the bytes that were put, not copies', async () => {
    const { blobs, done } = open(model);
    const bytes = object(1);
    const address = await done(blobs.at('a').put(bytes));
    for (const site of ['a', 'b']) expect(await done(blobs.at(site).get(address, 100))).toBe(bytes);
  });

  test('what was forgotten is gone, for others than those it is on its way to', async () => {
    const { time, blobs, done } = open(model);
    const address = await done(blobs.at('a').put(object(1)));
    expect([blobs.has(address), blobs.size]).toEqual([true, 1]);
    const getting = blobs.at('b').get(address, 100);
    time.at(time.nowMs() + 50, () => {
      blobs.forget(address);
    });
    expect(await done(getting)).toEqual(object(1));
    expect([blobs.has(address), blobs.size]).toEqual([false, 0]);
    expect(await done(blobs.at('b').get(address, 100))).toBeNull();
  });
});
