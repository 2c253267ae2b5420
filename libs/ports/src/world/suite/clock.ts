import assert from 'node:assert/strict';
import type { Clock } from '../clock.ts';
import type { PortCase, Settling } from './port-case.ts';

/** A clock under test. It settles when every timer has been called that was set for the next tenth of a second. */
export interface ClockWorld extends Settling {
  readonly clock: Clock;
}

/** A delay that fits neither 32 bits of milliseconds nor, therefore, a timer of Node. */
const farMs = 2 ** 31 + 50;

/** What every `Clock` does. */
export const clockCases: readonly PortCase<ClockWorld>[] = [
  {
    name: 'a timer is called once, at its instant or later',
    async run(world) {
      const { clock } = world;
      const calls: number[] = [];
      const dueMs = clock.nowMs() + 20;
      clock.at(dueMs, () => calls.push(clock.nowMs()));
      await world.settle();
      assert.equal(calls.length, 1);
      assert.ok(calls[0]! >= dueMs, `called at ${calls[0]}, due at ${dueMs}`);
    },
  },
  {
    name: 'an instant that is past or present is soon, but not before the call has returned',
    async run(world) {
      const { clock } = world;
      const calls: string[] = [];
      const nowMs = clock.nowMs();
      for (const atMs of [0, nowMs - 1_000, nowMs]) clock.at(atMs, () => calls.push('called'));
      calls.push('returned');
      await world.settle();
      assert.deepEqual(calls, ['returned', 'called', 'called', 'called']);
    },
  },
  {
    name: 'timers are called in the order of their instants, not of their being set',
    async run(world) {
      const { clock } = world;
      const calls: number[] = [];
      const nowMs = clock.nowMs();
      for (const afterMs of [60, 20, 80, 40]) clock.at(nowMs + afterMs, () => calls.push(afterMs));
      await world.settle();
      assert.deepEqual(calls, [20, 40, 60, 80]);
    },
  },
  {
    name: 'time does not run backwards',
    async run(world) {
      const { clock } = world;
      const readings = [clock.nowMs()];
      const look = (): void => {
        readings.push(clock.nowMs());
        if (readings.length < 8) clock.at(clock.nowMs() + 3, look);
      };
      look();
      await world.settle();
      assert.equal(readings.length, 8);
      assert.deepEqual(
        readings,
        readings.toSorted((a, b) => a - b),
      );
    },
  },
  {
    name: 'what is called off is not called; calling off again, or too late, does nothing',
    async run(world) {
      const { clock } = world;
      const calls: string[] = [];
      const nowMs = clock.nowMs();
      const off = clock.at(nowMs + 20, () => calls.push('off'));
      const on = clock.at(nowMs + 20, () => calls.push('on'));
      off();
      off();
      await world.settle();
      on();
      await world.settle();
      assert.deepEqual(calls, ['on']);
    },
  },
  {
    name: 'a timer can call off another of the same instant',
    async run(world) {
      const { clock } = world;
      let calls = 0;
      const dueMs = clock.nowMs() + 20;
      const offs = [0, 1].map((i) =>
        clock.at(dueMs, () => {
          calls++;
          offs[1 - i]!();
        }),
      );
      await world.settle();
      assert.equal(calls, 1);
    },
  },
  {
    name: 'a timer can set another, for now too',
    async run(world) {
      const { clock } = world;
      const calls: string[] = [];
      clock.at(clock.nowMs() + 10, () => {
        clock.at(clock.nowMs(), () => calls.push('second'));
        calls.push('first');
      });
      await world.settle();
      assert.deepEqual(calls, ['first', 'second']);
    },
  },
  {
    name: 'what is due in a month is not called today',
    async run(world) {
      const { clock } = world;
      const calls: string[] = [];
      const off = clock.at(clock.nowMs() + farMs, () => calls.push('far'));
      clock.at(clock.nowMs() + 40, () => {
        calls.push('near');
        off();
      });
      await world.settle();
      assert.deepEqual(calls, ['near']);
    },
  },
];
