import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockFolder } from './folder-lock.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flobc-lock-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('is held by one at a time', () => {
  const unlock = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'SWEEP_FOLDER_TAKEN' }) as Error);
  unlock();
  lockFolder(folder)();
  expect(existsSync(join(folder, '.lock'))).toBe(false);
});

test('is not held by a process that is gone, nor by its number given out again, nor by rubbish', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  for (const content of [`${child.pid} 12345\n`, `${process.pid} 1\n`, 'rubbish', '']) {
    writeFileSync(join(folder, '.lock'), content);
    lockFolder(folder)();
  }
});
