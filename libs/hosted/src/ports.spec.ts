import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, test } from 'vitest';
import { clockCases, type ClockWorld, journalCases, type JournalWorld } from '#libs/ports';
import { FileJournal } from './file-journal.ts';
import { realClock } from './real-clock.ts';

describe("the machine's time as a clock", () => {
  // A tenth of a second has passed when the clock itself says so.
  const settle = () => new Promise<void>((resolve) => realClock.at(realClock.nowMs() + 150, resolve));
  const world: ClockWorld = { clock: realClock, settle };
  for (const one of clockCases) test(one.name, () => one.run(world));
});

describe('a file as a journal', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flobc-journal-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const open = new Map<string, FileJournal>();
  const world: JournalWorld = {
    async open(node) {
      // A process that was killed writes no more: what it had begun by then is written here.
      await open.get(node)?.close();
      const journal = await FileJournal.open(join(folder, node));
      open.set(node, journal);
      return journal;
    },
    settle: () => Promise.resolve(),
  };
  for (const one of journalCases) test(one.name, () => one.run(world));
});
