import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runNode } from './run-node.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flobc-node-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A program that counts its starts in a file and ends with the code of its turn; the last one repeats. */
function program(name: string, codes: readonly number[]): readonly string[] {
  const count = join(folder, name);
  writeFileSync(count, '');
  const script = `
    const fs = require('node:fs');
    const starts = fs.readFileSync(${JSON.stringify(count)}, 'utf8').length;
    fs.appendFileSync(${JSON.stringify(count)}, '.');
    process.exit(${JSON.stringify(codes)}[Math.min(starts, ${codes.length - 1})]);`;
  return ['-e', script];
}
const starts = (name: string): number => readFileSync(join(folder, name), 'utf8').length;

describe('a node in the foreground', () => {
  test.each([0, 2, 75])('that ends with %i ends the command with it', async (code) => {
    expect(await runNode(program(`once-${code}`, [code]), false, () => undefined)).toBe(code);
    expect(starts(`once-${code}`)).toBe(1);
  });

  test('is started again where that is wanted, as long as it helps', async () => {
    const said: string[] = [];
    expect(await runNode(program('again', [75, 2]), true, (what) => said.push(what))).toBe(2);
    expect(starts('again')).toBe(2);
    expect(said).toEqual(['the node has ended (exit code 75) and is started again in 0.5 s']);
  });

  test('hears what the command is asked to do', async () => {
    const ready = join(folder, 'ready');
    const script = `
      process.on('SIGTERM', () => process.exit(0));
      setInterval(() => undefined, 1000);
      require('node:fs').writeFileSync(${JSON.stringify(ready)}, '');`;
    const running = runNode(['-e', script], true, () => undefined);
    await expect.poll(() => readFileSync(ready, 'utf8'), { timeout: 10_000 }).toBe('');
    process.emit('SIGTERM');
    expect(await running).toBe(0);
  });
});
