import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Delivery } from '#libs/ports';
import { generator } from '#libs/random';
import { VirtualTime } from '../time/virtual-time.ts';
import { MemoryBus, type MemoryBusOptions } from './memory-bus.ts';
import { type NetworkModel, perfectNetwork } from './model.ts';
import { Network } from './network.ts';

const text = ({ bytes }: Delivery) => Buffer.from(bytes).toString();
const bytes = (of: string) => new Uint8Array(Buffer.from(of));

/** A bus with listeners at some sites; what they hear is written down with its instant. */
function open(model: Partial<NetworkModel>, sites: readonly string[], options: MemoryBusOptions = {}) {
  const time = new VirtualTime();
  const network = new Network({ ...perfectNetwork, ...model }, generator('bus'));
  const bus = new MemoryBus(time, network, options);
  const heard: string[] = [];
  const deliveries: Delivery[] = [];
  for (const site of sites) {
    bus.at(site).subscribe('', (delivery) => {
      heard.push(`${time.nowMs()} ${site} ${text(delivery)}`);
      deliveries.push(delivery);
    });
  }
  const say = (site: string, what: string) => bus.at(site).publish('said', bytes(what));
  const sayAt = (atMs: number, site: string, what: string) => {
    time.at(atMs, () => void say(site, what));
  };
  return { time, bus, heard, deliveries, say, sayAt };
}

describe('a bus in memory', () => {
  test('a site hears itself next, the others one latency later, all of them the same bytes in one event', async () => {
    const sites = Array.from({ length: 1_000 }, (_, i) => `site-${i}`);
    const { time, bus, heard, deliveries, say } = open({ latencyMs: 30 }, sites);
    const published = say('site-7', 'hello');
    expect(heard).toEqual([]);
    await published;
    await time.run();
    expect(heard[0]).toBe('0 site-7 hello');
    expect(heard.slice(1)).toEqual(
      sites.filter((site) => site !== 'site-7').map((site) => `30 ${site} hello`),
    );
    expect(new Set(deliveries.map((delivery) => delivery.bytes)).size).toBe(1);
    expect(time.events).toBe(2);
    expect(bus.traffic).toEqual({ messages: 1, deliveries: 1_000 });
  });

  test('with jitter there is one event for each instant', async () => {
    const sites = Array.from({ length: 1_000 }, (_, i) => `site-${i}`);
    const { time, bus, say } = open({ latencyMs: 30, jitterMs: 10 }, sites);
    await say('site-7', 'hello');
    await time.run();
    expect(bus.traffic.deliveries).toBe(1_000);
    expect(time.events).toBe(11);
  });

  test('what a site that is cut off says and should hear waits; it hears itself', async () => {
    const partitions = [{ fromMs: 10, toMs: 100, sites: ['a', 'b'] }];
    const { time, heard, sayAt } = open({ latencyMs: 5, partitions }, ['a', 'b', 'c']);
    sayAt(7, 'c', 'under way');
    sayAt(20, 'a', 'from inside');
    sayAt(30, 'c', 'from outside');
    await time.run();
    expect(heard).toEqual([
      '7 c under way',
      '20 a from inside',
      '25 b from inside',
      '30 c from outside',
      '100 a under way',
      '100 b under way',
      '105 c from inside',
      '105 a from outside',
      '105 b from outside',
    ]);
  });

  test('what arrives at a site that is down is lost to it, and it says nothing', async () => {
    const crashes = [{ site: 'b', atMs: 10, downMs: 10 }];
    const { time, heard, sayAt } = open({ latencyMs: 5, crashes }, ['a', 'b']);
    sayAt(4, 'a', 'before');
    sayAt(5, 'a', 'lost');
    sayAt(6, 'b', 'said before');
    sayAt(12, 'b', 'unsaid');
    sayAt(15, 'a', 'after');
    await time.run();
    expect(heard.filter((line) => line.includes(' b '))).toEqual([
      '6 b said before',
      '9 b before',
      '20 b after',
    ]);
    expect(heard.filter((line) => line.includes('said'))).toEqual(['6 b said before', '11 a said before']);
  });

  test('a site that comes later hears what is said from then on', async () => {
    const { time, bus, heard, say } = open({ latencyMs: 5 }, ['a']);
    await say('a', 'early');
    bus.at('b').subscribe('', (delivery) => heard.push(`${time.nowMs()} b ${text(delivery)}`));
    await say('a', 'late');
    await time.run();
    expect(heard).toEqual(['0 a early', '0 a late', '5 b late']);
  });

  test('nothing is lost for ever, unless the bus is told to', async () => {
    const sites = ['a', 'b', 'c'];
    const messages = Array.from({ length: 200 }, (_, i) => String(i));
    const lossy = { latencyMs: 5, loss: 0.4 };
    const heardBy = async (options: MemoryBusOptions) => {
      const { time, heard, say } = open(lossy, sites, options);
      for (const message of messages) await say('a', message);
      await time.run();
      return sites.map((site) => heard.filter((line) => line.includes(` ${site} `)).length);
    };
    expect(await heardBy({})).toEqual([200, 200, 200]);
    const [own, ...others] = await heardBy({ lostForEver: true });
    expect(own).toBe(200);
    for (const count of others) expect(count).toBeLessThan(180);
  });

  test('a site more changes nothing for the others', async () => {
    const said = fc.array(fc.record({ atMs: fc.nat(50), site: fc.constantFrom('a', 'b', 'c') }), {
      maxLength: 30,
    });
    const model = { latencyMs: 5, jitterMs: 10, loss: 0.2, duplication: 0.2, reordering: 0.2 };
    const heardOf = async (program: readonly { atMs: number; site: string }[], sites: readonly string[]) => {
      const { time, heard, sayAt } = open(model, sites);
      program.forEach(({ atMs, site }, i) => {
        sayAt(atMs, site, String(i));
      });
      await time.run();
      return heard.filter((line) => !line.includes(' newcomer ')).sort();
    };
    await fc.assert(
      fc.asyncProperty(said, async (program) => {
        const without = await heardOf(program, ['a', 'b', 'c']);
        expect(await heardOf(program, ['newcomer', 'a', 'b', 'c'])).toEqual(without);
        expect(new Set(without.map((line) => line.slice(line.indexOf(' ')))).size).toBe(3 * program.length);
      }),
    );
  });
});
