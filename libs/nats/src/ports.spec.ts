import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Bus } from '#libs/ports';
import { blobsCases, type BlobsWorld, busCases, type BusWorld } from '#libs/ports';
import { type Nats, startNats } from '#libs/testkit';
import { NatsBlobs } from './blobs.ts';
import { NatsBus } from './bus.ts';
import { type NatsLink, openNats } from './link.ts';
import { buckets, streamOfBucket } from './names.ts';
import { prepareRun } from './prepare-run.ts';

let nats: Nats;
let operator: NatsLink;
const links: NatsLink[] = [];

async function link(name: string): Promise<NatsLink> {
  const opened = await openNats({ servers: [nats.url], name });
  links.push(opened);
  return opened;
}

beforeAll(async () => {
  nats = await startNats();
  operator = await link('operator');
  await prepareRun(operator, { run: `0x${'ab'.repeat(32)}`, trainers: [] });
});

afterAll(async () => {
  for (const one of links) await one.close();
  await nats.close();
});

describe('a bus over JetStream', () => {
  const buses: NatsBus[] = [];
  const sites = new Map<string, Bus>();
  let publishing: Promise<void>[] = [];

  beforeAll(async () => {
    await operator.manager.streams.add({ name: 'SUITE', subjects: ['suite.>'] });
    for (const name of ['one', 'two', 'three', 'four']) {
      buses.push(
        await NatsBus.over(await link(name), { stream: 'SUITE', subjects: 'suite.>', replay: 'none' }),
      );
    }
  });

  afterAll(async () => {
    for (const bus of buses) await bus.close();
  });

  const world: BusWorld = {
    at(site) {
      const known = sites.get(site);
      if (known !== undefined) return known;
      const bus = buses[sites.size % buses.length]!;
      const seen: Bus = {
        publish(subject, bytes) {
          const published = bus.publish(subject, bytes);
          publishing.push(published);
          return published;
        },
        subscribe: (prefix, deliver) => bus.subscribe(prefix, deliver),
      };
      sites.set(site, seen);
      return seen;
    },
    async settle() {
      await Promise.resolve();
      while (publishing.length > 0) await Promise.all(publishing.splice(0));
      publishing = [];
      const { state } = await operator.manager.streams.info('SUITE');
      for (const bus of buses) await bus.reached(state.last_seq);
    },
  };
  for (const one of busCases) test(one.name, () => one.run(world));
});

describe('blobs in the object store', () => {
  const sites = new Map<string, NatsBlobs>();
  const world: BlobsWorld = {
    at(site) {
      const blobs = sites.get(site) ?? new NatsBlobs(operator);
      sites.set(site, blobs);
      return blobs;
    },
    settle: () => Promise.resolve(),
    async damage(digest) {
      const stream = streamOfBucket(buckets.model);
      const subject = `$O.${buckets.model}.M.${Buffer.from(digest).toString('base64')}`;
      const meta = await operator.manager.streams.getMessage(stream, { last_by_subj: subject });
      const { metadata } = JSON.parse(meta!.string()) as { metadata: { sequences: string } };
      await operator.manager.streams.deleteMessage(stream, Number(metadata.sequences.split(',')[0]));
    },
  };
  for (const one of blobsCases) test(one.name, () => one.run(world));
});
