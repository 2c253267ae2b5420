import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VirtualTime } from './virtual-time.ts';

/** A job that is done after so many turns of Node's loop: as long as a thread may take, and no clock. */
async function afterTurns(turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise(setImmediate);
}

/** Runs with the test runner's own listeners for rejections aside: here a rejection is what is expected. */
async function unheard(run: () => Promise<void>): Promise<void> {
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  try {
    await run();
  } finally {
    for (const listener of listeners) process.on('unhandledRejection', listener);
  }
}

const sleep = (time: VirtualTime, forMs: number) =>
  new Promise<void>((resolve) => {
    time.at(time.nowMs() + forMs, resolve);
  });

describe('virtual time', () => {
  test('events happen in the order of their instants, then of their being set', async () => {
    const instants = fc.array(fc.integer({ min: -5, max: 20 }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(instants, async (set) => {
        const time = new VirtualTime();
        const seen: { i: number; atMs: number }[] = [];
        set.forEach((atMs, i) => time.at(atMs, () => seen.push({ i, atMs: time.nowMs() })));
        expect(seen).toEqual([]);
        await time.run();
        const expected = set.map((atMs, i) => ({ i, atMs: Math.max(0, atMs) }));
        expect(seen).toEqual(expected.toSorted((a, b) => a.atMs - b.atMs || a.i - b.i));
        expect(time.events).toBe(set.length);
      }),
    );
  });

  test('an instant between two milliseconds is the later one; what is no instant is refused', async () => {
    const time = new VirtualTime(1_000);
    const seen: number[] = [];
    time.at(1_000.2, () => seen.push(time.nowMs()));
    await time.run();
    expect(seen).toEqual([1_001]);
    expect(() => time.at(NaN, () => undefined)).toThrow(RangeError);
    expect(() => time.at(Infinity, () => undefined)).toThrow(RangeError);
  });

  test('what an event sets off by await is done before the next event', async () => {
    const time = new VirtualTime();
    const seen: string[] = [];
    const walk = async (name: string) => {
      await sleep(time, 5);
      for (let i = 0; i < 100; i++) await Promise.resolve();
      seen.push(name);
    };
    const walks = [walk('a'), walk('b')];
    time.at(5, () => seen.push('timer'));
    await time.run();
    await Promise.all(walks);
    expect(seen).toEqual(['a', 'b', 'timer']);
  });

  test('the world stands still while an action is performed', async () => {
    const time = new VirtualTime();
    const seen: string[] = [];
    const act = async () => {
      seen.push(`began at ${time.nowMs()}`);
      await afterTurns(20);
      seen.push('ended');
      return 7;
    };
    const acted = time.perform(10, act).then((value) => seen.push(`${value} at ${time.nowMs()}`));
    time.at(10, () => seen.push('next'));
    await time.run();
    await acted;
    expect(seen).toEqual(['began at 10', 'ended', '7 at 10', 'next']);
  });

  test('a job begins at once and is seen at its instant, however it ends', async () => {
    const time = new VirtualTime();
    const seen: string[] = [];
    const job = async () => {
      seen.push('began');
      await Promise.resolve();
      throw new Error('no');
    };
    const failed = time
      .work(10, job)
      .catch((error: unknown) => seen.push(`${String(error)} ${time.nowMs()}`));
    const thrown = time.work(11, () => {
      throw new Error('at once');
    });
    const refused = expect(thrown).rejects.toThrow('at once');
    expect(seen).toEqual(['began']);
    time.at(9, () => seen.push('before'));
    await time.run();
    await Promise.all([failed, refused]);
    expect(seen).toEqual(['began', 'before', 'Error: no 10']);
  });

  test('the trace does not depend on how long jobs take in reality', async () => {
    const worker = fc.array(
      fc.record({ costMs: fc.nat(8), waitMs: fc.nat(4), isActed: fc.boolean(), fails: fc.boolean() }),
      { maxLength: 5 },
    );
    const workers = fc.array(worker, { minLength: 1, maxLength: 5 });
    const turns = fc.infiniteStream(fc.nat(12));
    await fc.assert(
      fc.asyncProperty(workers, turns, turns, async (program, some, others) => {
        expect(await trace(program, some)).toEqual(await trace(program, others));
      }),
    );
  });

  test('it goes on from where it was stopped', async () => {
    const time = new VirtualTime();
    const seen: number[] = [];
    const tick = () => {
      seen.push(time.nowMs());
      if (time.nowMs() === 3) time.stop();
      if (time.nowMs() < 9) time.at(time.nowMs() + 1, tick);
    };
    time.at(1, tick);
    await time.run();
    expect(seen).toEqual([1, 2, 3]);
    await time.run(() => time.nowMs() === 6);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
    expect(time.pending).toBe(1);
    await time.run();
    expect(seen.at(-1)).toBe(9);
    expect(time.pending).toBe(0);
  });

  test('what an event throws ends the run', async () => {
    const time = new VirtualTime();
    const seen: string[] = [];
    time.at(1, () => {
      throw new Error('thrown');
    });
    time.at(2, () => seen.push('later'));
    await expect(time.run()).rejects.toThrow('thrown');
    expect(seen).toEqual([]);
    await time.run();
    expect(seen).toEqual(['later']);
  });

  test('a rejection that nobody awaits ends the run', async () => {
    await unheard(async () => {
      const time = new VirtualTime();
      const seen: string[] = [];
      time.at(1, () => {
        void sleep(time, 1).then(() => {
          throw new Error('nobody heard it');
        });
      });
      void time.work(3, () => Promise.reject(new Error('nor this')));
      time.at(2, () => seen.push('same instant'));
      time.at(4, () => seen.push('later'));
      await expect(time.run()).rejects.toThrow('nobody heard it');
      await expect(time.run()).rejects.toThrow('nor this');
      await time.run();
      expect(seen).toEqual(['same instant', 'later']);
    });
    expect(process.listenerCount('unhandledRejection')).toBeGreaterThan(0);
  });

  test('it is run by one caller', async () => {
    const time = new VirtualTime();
    time.at(1, () => undefined);
    const first = time.run();
    await expect(time.run()).rejects.toThrow('running already');
    await first;
  });
});

interface Step {
  readonly costMs: number;
  readonly waitMs: number;
  readonly isActed: boolean;
  readonly fails: boolean;
}

/** What is seen of workers that share a world, when their jobs take so many turns each. */
async function trace(program: readonly (readonly Step[])[], turns: Iterator<number>): Promise<string[]> {
  const time = new VirtualTime();
  const seen: string[] = [];
  const job = async (fails: boolean) => {
    await afterTurns(turns.next().value as number);
    if (fails) throw new Error('failed');
    return 'done';
  };
  const walk = async (steps: readonly Step[], name: number) => {
    for (const { costMs, waitMs, isActed, fails } of steps) {
      const doing = isActed ? time.perform(costMs, () => job(fails)) : time.work(costMs, () => job(fails));
      const outcome = await doing.catch((error: unknown) => (error as Error).message);
      seen.push(`${time.nowMs()} ${name} ${outcome}`);
      await sleep(time, waitMs);
      seen.push(`${time.nowMs()} ${name} awake`);
    }
  };
  const walks = program.map(walk);
  await time.run();
  await Promise.all(walks);
  return seen;
}
