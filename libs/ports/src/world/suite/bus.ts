import assert from 'node:assert/strict';
import type { Bus, Delivery } from '../bus.ts';
import type { Cancel } from '../clock.ts';
import { bytesOf, fresh, type PortCase, settled, type Settling } from './port-case.ts';

/** A bus under test, on which nothing is lost; things may come late, twice and in any order. */
export interface BusWorld extends Settling {
  /** The bus as a site has it. */
  at(site: string): Bus;
}

/** Larger than any message of the protocol. */
const largeBytes = 200_000;

const textOf = ({ subject, bytes }: Delivery): string => `${subject} ${Buffer.from(bytes).toString('hex')}`;

/** What one subscriber hears. */
class Ear {
  readonly all: Delivery[] = [];
  readonly cancel: Cancel;

  constructor(bus: Bus, prefix: string) {
    this.cancel = bus.subscribe(prefix, (delivery) => this.all.push(delivery));
  }

  /** What was heard, each thing once, in an order of its own. */
  get heard(): string[] {
    return [...new Set(this.all.map(textOf))].sort();
  }

  hears(deliveries: readonly Delivery[]): void {
    assert.deepEqual(this.heard, deliveries.map(textOf).sort());
  }
}

/** Sites of their own, and the beginning of subjects that only they use. */
function scene(world: BusWorld, sites: number) {
  const root = `suite.${fresh('topic')}.`;
  const buses = Array.from({ length: sites }, () => world.at(fresh('site')));
  const say = async (bus: Bus, subject: string, bytes: Uint8Array): Promise<Delivery> => {
    await settled(world, bus.publish(root + subject, bytes));
    return { subject: root + subject, bytes };
  };
  return { root, buses, say };
}

/** What every `Bus` does. */
export const busCases: readonly PortCase<BusWorld>[] = [
  {
    name: 'everybody hears what anybody says, its sender included',
    async run(world) {
      const { root, buses, say } = scene(world, 3);
      const ears = buses.map((bus) => new Ear(bus, root));
      const said: Delivery[] = [];
      for (const [i, bus] of buses.entries())
        said.push(await say(bus, `news.${i}`, bytesOf(`news ${i}`, 40)));
      for (const ear of ears) ear.hears(said);
    },
  },
  {
    name: 'a message comes as it was sent, whatever is in it',
    async run(world) {
      const { root, buses, say } = scene(world, 2);
      const ear = new Ear(buses[1]!, root);
      const contents = [
        new Uint8Array(0),
        Uint8Array.from({ length: 256 }, (_, i) => i),
        bytesOf('part of more', 100).subarray(10, 20),
        bytesOf('large', largeBytes),
      ];
      const said: Delivery[] = [];
      for (const [i, bytes] of contents.entries()) said.push(await say(buses[0]!, `content.${i}`, bytes));
      ear.hears(said);
    },
  },
  {
    name: 'a subscriber hears the subjects that begin with its prefix, and no other',
    async run(world) {
      const { root, buses, say } = scene(world, 2);
      const prefixes = ['', 'a.', 'a.b', 'a.b.c', 'b.'];
      const ears = prefixes.map((prefix) => new Ear(buses[1]!, root + prefix));
      const said: Delivery[] = [];
      for (const subject of ['a.b', 'a.b.c', 'a.bc', 'a.c', 'ab.c', 'b.a']) {
        said.push(await say(buses[0]!, subject, bytesOf(subject, 10)));
      }
      for (const [i, prefix] of prefixes.entries()) {
        ears[i]!.hears(said.filter(({ subject }) => subject.startsWith(root + prefix)));
      }
    },
  },
  {
    name: 'a subscriber hears what is said from then on, not what was said before',
    async run(world) {
      const { root, buses, say } = scene(world, 2);
      const early = new Ear(buses[1]!, root);
      const before = await say(buses[0]!, 'news', bytesOf('before', 10));
      const late = new Ear(buses[1]!, root);
      const after = await say(buses[0]!, 'news', bytesOf('after', 10));
      early.hears([before, after]);
      late.hears([after]);
    },
  },
  {
    name: 'whoever ends a subscription hears nothing more; the others of its site do',
    async run(world) {
      const { root, buses, say } = scene(world, 2);
      const [ended, other] = [new Ear(buses[1]!, root), new Ear(buses[1]!, root)];
      const first = await say(buses[0]!, 'news', bytesOf('first', 10));
      ended.cancel();
      ended.cancel();
      const second = await say(buses[0]!, 'news', bytesOf('second', 10));
      ended.hears([first]);
      other.hears([first, second]);
    },
  },
  {
    name: 'a subscription can end while it is being called',
    async run(world) {
      const { root, buses, say } = scene(world, 2);
      const ear = new Ear(buses[1]!, root);
      let calls = 0;
      const cancel = buses[1]!.subscribe(root, () => {
        calls++;
        cancel();
      });
      const said: Delivery[] = [];
      for (const word of ['one', 'two']) said.push(await say(buses[0]!, word, bytesOf(word, 10)));
      assert.equal(calls, 1);
      ear.hears(said);
    },
  },
  {
    name: 'whoever is called can end another subscription, which then does not hear even the same message',
    async run(world) {
      const { root, buses, say } = scene(world, 2);
      const called = new Set<number>();
      const cancels = [0, 1].map((i) =>
        buses[1]!.subscribe(root, () => {
          called.add(i);
          cancels[1 - i]!();
        }),
      );
      for (const word of ['one', 'two']) await say(buses[0]!, word, bytesOf(word, 10));
      assert.equal(called.size, 1);
    },
  },
  {
    name: 'an answer that is given while a message is heard is heard',
    async run(world) {
      const { root, buses, say } = scene(world, 2);
      const ear = new Ear(buses[0]!, `${root}answer`);
      const answers: Promise<void>[] = [];
      buses[1]!.subscribe(`${root}question`, ({ bytes }) => {
        // Once, or a bus that takes an answer for a question would go on for ever.
        if (answers.length === 0) answers.push(buses[1]!.publish(`${root}answer`, bytes));
      });
      const { bytes } = await say(buses[0]!, 'question', bytesOf('question', 10));
      await settled(world, Promise.all(answers));
      ear.hears([{ subject: `${root}answer`, bytes }]);
    },
  },
  {
    name: 'what is said when nobody listens is no fault',
    async run(world) {
      const { buses, say } = scene(world, 1);
      await say(buses[0]!, 'news', bytesOf('to nobody', 10));
    },
  },
  {
    name: 'much that is said at once by many is heard by all',
    async run(world) {
      const { root, buses } = scene(world, 4);
      const ears = buses.map((bus) => new Ear(bus, root));
      const said = buses.flatMap((_, i) =>
        Array.from({ length: 50 }, (__, j) => ({
          subject: `${root}news.${i}`,
          bytes: bytesOf(`news ${i} ${j}`, 64),
        })),
      );
      const publish = ({ subject, bytes }: Delivery, i: number) =>
        buses[Math.floor(i / 50)]!.publish(subject, bytes);
      await settled(world, Promise.all(said.map(publish)));
      for (const ear of ears) ear.hears(said);
    },
  },
];
