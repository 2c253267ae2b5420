import { type ChildProcess, spawn } from 'node:child_process';
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

/** A process that has opened the journal, and does not close it. */
async function opener(path: string): Promise<ChildProcess> {
  const module = JSON.stringify(new URL('file-journal.ts', import.meta.url).href);
  const script = `const { FileJournal } = await import(${module});
    await FileJournal.open(${JSON.stringify(path)});
    console.log('open');
    setInterval(() => undefined, 1e6);`;
  const options = ['--conditions=source', '--disable-warning=ExperimentalWarning', '--input-type=module'];
  const other = spawn(process.execPath, [...options, '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(other.stdout, 'data');
  return other;
}

test('two processes cannot have one journal; one that was killed has it no more', async () => {
  const path = await written('shared');
  const other = await opener(path);
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

test('a process that has the number of one that was killed does not have its journal', async () => {
  const path = await written('numbers');
  const other = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1e6)'], { stdio: 'ignore' });
  writeFileSync(`${path}.lock`, `${other.pid} 1`);
  const journal = await FileJournal.open(path);
  await journal.close();
  other.kill('SIGKILL');
  await once(other, 'exit');
});
