import { describe, test } from 'vitest';
import {
  blobsCases,
  type BlobsWorld,
  busCases,
  type BusWorld,
  clockCases,
  type ClockWorld,
  journalCases,
  type JournalWorld,
} from '#libs/ports';
import { generator } from '#libs/random';
import { MemoryBlobs } from './network/memory-blobs.ts';
import { MemoryBus } from './network/memory-bus.ts';
import { MemoryJournal } from './network/memory-journal.ts';
import { type NetworkModel, perfectNetwork } from './network/model.ts';
import { Network } from './network/network.ts';
import { VirtualTime } from './time/virtual-time.ts';

const slow: NetworkModel = { ...perfectNetwork, latencyMs: 20, bytesPerSecond: 1_000_000 };
const networks: readonly { name: string; model: NetworkModel }[] = [
  { name: 'a perfect network', model: perfectNetwork },
  { name: 'a slow network', model: slow },
  {
    name: 'a bad network',
    model: { ...slow, jitterMs: 50, loss: 0.3, duplication: 0.3, reordering: 0.3 },
  },
];

describe('virtual time as a clock', () => {
  const time = new VirtualTime(1_700_000_000_000);
  const world: ClockWorld = { clock: time, settle: () => time.run() };
  for (const one of clockCases) test(one.name, () => one.run(world));
});

describe.each(networks)('in memory, over $name', ({ name, model }) => {
  const time = new VirtualTime();
  const network = new Network(model, generator(name));
  const settle = () => time.run();

  describe('a bus', () => {
    const bus = new MemoryBus(time, network);
    const world: BusWorld = { at: (site) => bus.at(site), settle };
    for (const one of busCases) test(one.name, () => one.run(world));
  });

  describe('blobs', () => {
    const blobs = new MemoryBlobs(time, network);
    const world: BlobsWorld = {
      at: (site) => blobs.at(site),
      settle,
      damage(digest) {
        blobs.damage(digest);
        return Promise.resolve();
      },
    };
    for (const one of blobsCases) test(one.name, () => one.run(world));
  });
});

describe.each([0, 7])('a journal in memory that takes %i ms to write', (writeMs) => {
  const time = new VirtualTime();
  const journals = new Map<string, MemoryJournal>();
  const world: JournalWorld = {
    open(node) {
      const journal = journals.get(node) ?? new MemoryJournal(time, writeMs);
      journals.set(node, journal);
      journal.crash();
      return Promise.resolve(journal);
    },
    settle: () => time.run(),
  };
  for (const one of journalCases) test(one.name, () => one.run(world));
});
