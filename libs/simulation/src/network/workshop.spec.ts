import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Work } from '#libs/ports';
import { VirtualTime } from '../time/virtual-time.ts';
import { costMs, simulatedWorkshop } from './workshop.ts';

const mlp = 199_210;
const training: Work = { kind: 'training', samples: 1_000, parameters: mlp };

describe('the cost of work', () => {
  test('a training costs 0.3 ms for each example and MLP, at speed 1', () => {
    expect(costMs(training, 1)).toBe(299);
    expect(costMs({ ...training, kind: 'scoring' }, 1)).toBe(100);
  });

  test('it is whole milliseconds, at least one, and falls with speed', () => {
    const work = fc.record({
      kind: fc.constantFrom<Work['kind']>('training', 'scoring', 'merging', 'testing'),
      samples: fc.nat(100_000),
      parameters: fc.nat(1_000_000),
    });
    const speed = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(work, speed, (of, fast) => {
        const cost = costMs(of, fast);
        expect(Number.isInteger(cost) && cost >= 1).toBe(true);
        expect(costMs(of, fast / 2)).toBeGreaterThanOrEqual(cost);
      }),
    );
  });
});

describe('a simulated workshop', () => {
  test('jobs begin at once and are done one after the other; every node has its own', async () => {
    const time = new VirtualTime();
    const seen: string[] = [];
    const [slow, fast] = [simulatedWorkshop(time, 1), simulatedWorkshop(time, 2)];
    const job = (name: string) => () => {
      seen.push(`began ${name}`);
      return Promise.resolve(name);
    };
    const note = (name: string) => seen.push(`${time.nowMs()} ${name}`);
    const all = [
      slow.run(training, job('slow 1')).then(note),
      slow.run(training, job('slow 2')).then(note),
      fast.run(training, job('fast')).then(note),
    ];
    await time.run();
    await Promise.all(all);
    expect(seen).toEqual([
      'began slow 1',
      'began slow 2',
      'began fast',
      '149 fast',
      '299 slow 1',
      '598 slow 2',
    ]);
    // A device that has stood idle starts when it is asked to.
    time.at(1_000, () => void slow.run(training, job('slow 3')).then(note));
    await time.run();
    expect(seen.at(-1)).toBe('1299 slow 3');
  });
});
