import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FileJournal } from './file-journal.ts';

const folder = mkdtempSync(join(tmpdir(), 'flobc-journal-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

/** A closed journal of two entries. */
async function written(name: string): Promise<string> {
  const path = join(folder, name);
  const journal = await FileJournal.open(path);
  await journal.put('first', bytes('one'));
  await journal.put('second', bytes('two'));
  await journal.close();
  return path;
}

test('an entry that was cut off anywhere is not there, the one before it is, and the journal goes on', async () => {
  const whole = await written('whole');
  const size = statSync(whole).size;
  const entry = size / 2 + 0.5; // "second" is one letter longer than "first"
  for (let cut = Math.ceil(entry); cut < size; cut++) {
    const path = join(folder, `cut-${cut}`);
    writeFileSync(path, readFileSync(whole));
    truncateSync(path, cut);
    const journal = await FileJournal.open(path);
    expect(journal.get('first')).toEqual(bytes('one'));
    expect(journal.get('second')).toBeUndefined();
    await journal.put('second', bytes('again'));
    await journal.close();
    const found = await FileJournal.open(path);
    expect(found.get('second')).toEqual(bytes('again'));
    await found.close();
  }
});

test('what is damaged counts as cut off', async () => {
  const path = await written('damaged');
  const content = readFileSync(path);
  content[content.length - 1]! ^= 1;
  writeFileSync(path, content);
  const journal = await FileJournal.open(path);
  expect(journal.get('first')).toEqual(bytes('one'));
  expect(journal.get('second')).toBeUndefined();
  await journal.close();
});

test('two processes cannot have one journal; one that was killed has it no more', async () => {
  const path = await written('shared');
  const other = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1e6)'], { stdio: 'ignore' });
  writeFileSync(`${path}.lock`, String(other.pid));
  await expect(FileJournal.open(path)).rejects.toMatchObject({
    code: 'JOURNAL_IN_USE',
    facts: { holder: other.pid },
  });
  const ended = once(other, 'exit');
  other.kill('SIGKILL');
  await ended;
  const journal = await FileJournal.open(path);
  expect(journal.get('first')).toEqual(bytes('one'));
  await journal.close();
});
