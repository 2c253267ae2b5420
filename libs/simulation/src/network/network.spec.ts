import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generator } from '#libs/random';
import { type NetworkModel, type Partition, perfectNetwork } from './model.ts';
import { Network, type Sending } from './network.ts';
import { Partitions } from './partitions.ts';

const sites = ['a', 'b', 'c', 'd'];
const site = fc.constantFrom(...sites);
const partition: fc.Arbitrary<Partition> = fc
  .record({ fromMs: fc.nat(60), forMs: fc.nat(40), sites: fc.uniqueArray(site, { maxLength: 3 }) })
  .map(({ fromMs, forMs, sites }) => ({ fromMs, toMs: fromMs + forMs, sites }));
const partitions = fc.array(partition, { maxLength: 5 });
const part = fc.double({ min: 0, max: 0.6, noNaN: true });
const model: fc.Arbitrary<NetworkModel> = fc.record({
  latencyMs: fc.nat(10),
  jitterMs: fc.nat(10),
  bytesPerSecond: fc.integer({ min: 1, max: 1_000 }),
  loss: part,
  duplication: part,
  reordering: part,
  partitions,
  crashes: fc.constant([]),
});

const parted = (all: readonly Partition[], one: string, other: string, atMs: number) =>
  all.some(
    ({ fromMs, toMs, sites }) =>
      fromMs <= atMs && atMs < toMs && sites.includes(one) !== sites.includes(other),
  );

/** Of as many messages, when each arrives. */
const arrivals = (network: Network, n: number, isSentAgain = true) =>
  Array.from({ length: n }, (_, message) =>
    network.arrivalsMs({ sender: 'a', message, sentMs: 1_000 }, 'b', isSentAgain),
  );

const nearly = (share: number, expected: number, n: number) => {
  expect(Math.abs(share - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / n));
};

describe('partitions', () => {
  test('two sites are joined at the first instant at which nothing parts them', () => {
    fc.assert(
      fc.property(partitions, site, site, fc.nat(120), (all, one, other, atMs) => {
        const joinedMs = new Partitions(all).joined(one, other, atMs);
        let expected = atMs;
        while (parted(all, one, other, expected)) expected++;
        expect(joinedMs).toBe(expected);
      }),
    );
  });

  test('a site reaches the blobs when it is in no partition', () => {
    const all = new Partitions([
      { fromMs: 10, toMs: 20, sites: ['a', 'b'] },
      { fromMs: 15, toMs: 30, sites: ['b'] },
    ]);
    expect(['a', 'b', 'c'].map((one) => all.reached(one, 12))).toEqual([20, 30, 12]);
    expect(all.joined('a', 'b', 12)).toBe(12);
    expect(all.areOver(29)).toBe(false);
    expect(all.areOver(30)).toBe(true);
  });
});

describe('a network', () => {
  test('where every link is alike, all arrivals are the one it names', () => {
    fc.assert(
      fc.property(model, site, site, fc.nat(150), fc.boolean(), (drawn, sender, receiver, sentMs, isEven) => {
        const even = { jitterMs: 0, loss: 0, duplication: 0, reordering: 0 };
        const network = new Network(isEven ? { ...drawn, ...even } : drawn, generator(1));
        const atAllMs = network.arrivalAtAllMs(sentMs);
        if (atAllMs === null) return;
        expect(network.arrivalsMs({ sender, message: 0, sentMs }, receiver, true)).toEqual([atAllMs]);
      }),
    );
  });

  test('what is sent again arrives once or twice, in time, and never at a site that is cut off', () => {
    fc.assert(
      fc.property(model, fc.integer(), fc.nat(100), fc.nat(80), (drawn, seed, message, sentMs) => {
        const network = new Network(drawn, generator(seed));
        for (const receiver of sites) {
          const arrivesMs = network.arrivalsMs({ sender: 'a', message, sentMs }, receiver, true);
          expect([1, 2]).toContain(arrivesMs.length);
          for (const atMs of arrivesMs) {
            expect(Number.isInteger(atMs)).toBe(true);
            expect(atMs).toBeGreaterThanOrEqual(sentMs + drawn.latencyMs);
            expect(parted(drawn.partitions, 'a', receiver, atMs)).toBe(false);
          }
        }
      }),
    );
  });

  test('what happens to a message does not depend on the others, on who else there is, or on the order of asking', () => {
    const sending = fc.record({ sender: site, message: fc.nat(50), sentMs: fc.nat(80) });
    fc.assert(
      fc.property(model, fc.integer(), fc.array(fc.tuple(sending, site)), (drawn, seed, asked) => {
        const ask = (network: Network, [what, receiver]: [Sending, string]) =>
          network.arrivalsMs(what, receiver, true);
        const used = new Network(drawn, generator(seed));
        const together = asked.map((one) => ask(used, one));
        expect(together).toEqual(asked.map((one) => ask(new Network(drawn, generator(seed)), one)));
      }),
    );
  });

  const n = 20_000;

  test('jitter is uniform over its whole milliseconds', () => {
    const network = new Network({ ...perfectNetwork, latencyMs: 5, jitterMs: 4 }, generator(2));
    const counts = new Map<number, number>();
    for (const [atMs] of arrivals(network, n)) counts.set(atMs!, (counts.get(atMs!) ?? 0) + 1);
    expect([...counts.keys()].sort()).toEqual([1_005, 1_006, 1_007, 1_008]);
    for (const count of counts.values()) nearly(count / n, 0.25, n);
  });

  test('what is lost comes ten latencies later for each time, or never', () => {
    const network = new Network({ ...perfectNetwork, latencyMs: 5, loss: 0.2 }, generator(3));
    const again = arrivals(network, n).map((all) => (all[0]! - 1_005) / 50);
    for (const times of [0, 1, 2]) {
      nearly(again.filter((one) => one === times).length / n, 0.8 * 0.2 ** times, n);
    }
    expect(again.every((times) => Number.isInteger(times))).toBe(true);
    const never = arrivals(network, n, false);
    expect(never.map((all) => all.length === 0)).toEqual(again.map((times) => times > 0));
    expect(arrivals(new Network({ ...perfectNetwork, loss: 1 }, generator(3)), 3)).toEqual([[], [], []]);
  });

  test('a share comes twice, the second time up to ten latencies late', () => {
    const network = new Network({ ...perfectNetwork, latencyMs: 5, duplication: 0.3 }, generator(4));
    const twice = arrivals(network, n).filter(({ length }) => length === 2);
    nearly(twice.length / n, 0.3, n);
    const late = twice.map(([first, second]) => second! - first!);
    expect(twice.every(([first]) => first === 1_005)).toBe(true);
    expect([Math.min(...late), Math.max(...late)]).toEqual([0, 50]);
  });

  test('a share is held back by up to ten latencies', () => {
    const network = new Network({ ...perfectNetwork, latencyMs: 5, reordering: 0.3 }, generator(5));
    const late = arrivals(network, n).map(([atMs]) => atMs! - 1_005);
    nearly(late.filter((one) => one > 0).length / n, (0.3 * 50) / 51, n);
    expect(Math.max(...late)).toBe(50);
  });

  test('a site is down from its crash until it is up again', () => {
    const crashes = [
      { site: 'a', atMs: 10, downMs: 5 },
      { site: 'a', atMs: 30, downMs: 1 },
    ];
    const network = new Network({ ...perfectNetwork, crashes }, generator(6));
    const down = Array.from({ length: 40 }, (_, atMs) => atMs).filter((atMs) => network.isDown('a', atMs));
    expect(down).toEqual([10, 11, 12, 13, 14, 30]);
    expect(network.isDown('b', 12)).toBe(false);
  });
});
