import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generator } from '#libs/random';
import { smallBase, writeSweepFile, writeTables } from './sweep.fixture.ts';

// A sweep that is killed as hard as can be, at random, gives what one gives that was not. FLOBC_SWEEP_KILLS=10 kills it ten times.

const kills = Number(process.env.FLOBC_SWEEP_KILLS ?? 1);
const text = `name: killed
${smallBase}
matrix:
  trainers.count: [2, 3]
seeds: 1-${Math.max(1, Math.ceil(kills / 2))}
`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flobc-killed-'));
  writeTables(folder);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the sweep; kills it when it has said so many lines. Returns true where it came to its end before. */
function run(file: string, out: string, linesUntilKill: number, jobs = kills > 1 ? 2 : 1): Promise<boolean> {
  const main = join(import.meta.dirname, '../main.ts');
  const args = [
    '--conditions=source',
    '--disable-warning=ExperimentalWarning',
    main,
    'sweep',
    file,
    '--out',
    out,
    '--json',
    '--jobs',
    String(jobs),
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let lines = 0;
  createInterface(child.stdout).on('line', () => {
    if (++lines === linesUntilKill) child.kill('SIGKILL');
  });
  return new Promise((resolve) => {
    child.on('close', (code) => {
      resolve(code === 0);
    });
  });
}

test(
  `a sweep that was killed ${kills} times gives the same tables`,
  { timeout: 50_000 + 20_000 * kills },
  async () => {
    const file = writeSweepFile(folder, text);
    const random = generator('killed');
    const killed = join(folder, 'killed');
    let times = 0;
    // Not far into what is left, so that something is left for the next time.
    while (times < kills && !(await run(file, killed, 2 + random.integer(kills === 1 ? 4 : 6)))) times++;
    expect(times).toBe(kills);
    expect(await run(file, killed, Infinity)).toBe(true);
    const whole = join(folder, 'whole');
    expect(await run(file, whole, Infinity, 1)).toBe(true);
    for (const name of ['summary.csv', 'summary.json'])
      expect(readFileSync(join(killed, name), 'utf8')).toBe(readFileSync(join(whole, name), 'utf8'));
    expect(readdirSync(killed).sort()).toEqual(readdirSync(whole).sort());
    expect(readdirSync(join(killed, 'trials')).sort()).toEqual(readdirSync(join(whole, 'trials')).sort());
  },
);
