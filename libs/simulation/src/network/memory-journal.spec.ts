import { describe, expect, test } from 'vitest';
import { VirtualTime } from '../time/virtual-time.ts';
import { MemoryJournal } from './memory-journal.ts';

const bytes = Uint8Array.of(1, 2, 3);

describe('a journal in memory', () => {
  test('an entry is safe when its writing is done, not before', async () => {
    const time = new VirtualTime();
    const journal = new MemoryJournal(time, 5);
    const seen: string[] = [];
    const put = (key: string) => {
      void journal.put(key, bytes).then(() => seen.push(`${time.nowMs()} ${key}`));
    };
    put('safe');
    time.at(3, () => {
      put('lost');
    });
    time.at(6, () => {
      journal.crash();
    });
    await time.run();
    expect(seen).toEqual(['5 safe']);
    expect([journal.get('safe'), journal.get('lost'), journal.size]).toEqual([bytes, undefined, 1]);
  });

  test('an entry that was lost can be written anew, and takes its own time', async () => {
    const time = new VirtualTime();
    const journal = new MemoryJournal(time, 5);
    const seen: number[] = [];
    void journal.put('a', bytes);
    journal.crash();
    time.at(2, () => {
      void journal.put('a', Uint8Array.of(9)).then(() => seen.push(time.nowMs()));
      void journal.put('a', bytes).then(() => seen.push(time.nowMs()));
    });
    await time.run();
    expect(seen).toEqual([7, 7]);
    expect(journal.get('a')).toEqual(Uint8Array.of(9));
  });
});
