import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Sweep } from '#libs/experiment';
import { sweepCommand, type SweepCommandSurroundings } from '../commands/sweep.ts';
import { FakeRunner, sweepText, writeSweepFile } from './sweep.fixture.ts';
import type { TrialTask } from './trial-messages.ts';
import type { Outcome } from './trial-processes.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flobc-sweep-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

interface Ran {
  readonly text: string;
  readonly lines: readonly Record<string, unknown>[];
  readonly ran: readonly string[];
  readonly exitCode: number;
}

/** Runs the command on a sweep file with trials that are made up. */
async function sweep(
  args: readonly string[] = [],
  { text = sweepText, fate = () => undefined as Outcome | undefined, isTTY = false, seconds = 10 } = {},
): Promise<Ran> {
  const file = writeSweepFile(folder, text);
  const ran: string[] = [];
  let [written, exitCode] = ['', 0];
  const output = { isTTY, columns: 100, write: (part: string) => (written += part) };
  const surroundings: SweepCommandSurroundings = {
    output,
    side: { write: () => undefined },
    signals: {
      on: () => undefined,
      off: () => undefined,
      suspend: () => undefined,
      end: () => undefined,
      onReaderGone: () => undefined,
    },
    setExitCode: (code) => (exitCode = code),
    words: ['sweep', 'my file.yaml'],
    openRunner: () =>
      new FakeRunner((task: TrialTask) => {
        ran.push(`${task.plan.trainers.length}T seed ${task.plan.seed}${task.cache === null ? '' : ' kept'}`);
        return fate();
      }),
    estimate: ({ trials }: Sweep) => Promise.resolve(new Map(trials.map(({ id }) => [id, seconds]))),
    commit: 'abc',
    now: () => new Date(0),
  };
  await sweepCommand(() => surroundings).parseAsync([
    'node',
    'flobc',
    file,
    '--out',
    join(folder, 'out'),
    ...args,
  ]);
  const lines = written.startsWith('{')
    ? written
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    : [];
  return { text: written, lines, ran, exitCode };
}
const out = (name: string) => readFileSync(join(folder, 'out', name), 'utf8');

describe('flobc sweep', () => {
  test('runs one seed of everything before the next, and writes tables in the order of the file', async () => {
    const { ran, lines, exitCode } = await sweep(['--jobs', '1']);
    expect(ran).toEqual(['3T seed 1', '4T seed 1', '3T seed 2', '4T seed 2']);
    expect(exitCode).toBe(0);
    const rows = out('summary.csv')
      .trim()
      .split('\n')
      .map((line) => line.split(',').slice(1, 5).join(' '));
    expect(rows).toEqual([
      'trainers seed outcome accuracy.final',
      '3 1 finished 0.4',
      '3 2 finished 0.5',
      '4 1 finished 0.5',
      '4 2 finished 0.6',
    ]);
    expect(lines.map(({ kind, state }) => [kind, state].join(' ').trim())).toEqual([
      'planned',
      ...Array.from({ length: 4 }, () => ['trial started', 'round', 'trial ended']).flat(),
      'result',
    ]);
    expect(JSON.parse(out('sweep.json'))).toMatchObject({
      sessions: [{ command: "flobc sweep 'my file.yaml'", commit: 'abc' }],
    });
    expect(readdirSync(join(folder, 'out')).sort()).toEqual([
      'summary.csv',
      'summary.json',
      'sweep.json',
      'sweep.yaml',
      'times.csv',
      'trials',
    ]);
  });

  test('runs nothing twice, and what has changed', async () => {
    await sweep();
    const [table, trials] = [out('summary.csv'), readdirSync(join(folder, 'out', 'trials'))];
    expect((await sweep()).ran).toEqual([]);
    expect(out('summary.csv')).toBe(table);
    const more = await sweep(['--jobs', '1'], {
      text: sweepText.replace('[3, 4]', '[4, 5]').replace('1-2', '1-3'),
    });
    expect(more.ran).toEqual(['5T seed 1', '5T seed 2', '4T seed 3', '5T seed 3']);
    expect(readdirSync(join(folder, 'out', 'trials')).length).toBe(trials.length + 4);
    // Trials that the file no longer has are there, and in no table.
    expect(out('summary.csv')).not.toContain(',3,1,');
  });

  test('a trial that failed is told, and run again by the same command; the others are there', async () => {
    let calls = 0;
    const fate = (): Outcome | undefined =>
      ++calls === 2 ? { kind: 'failed', code: 'X', message: 'out of luck\nstack' } : undefined;
    await expect(sweep(['--jobs', '1'], { fate })).rejects.toMatchObject({
      code: 'TRIAL_FAILED',
      message: expect.stringContaining('trainers 4, seed 1: out of luck') as string,
    });
    expect(out('summary.csv').trim().split('\n').length).toBe(4);
    expect((await sweep()).ran).toEqual(['4T seed 1']);
  });

  test('a long trial keeps what it has worked out', async () => {
    const { ran } = await sweep(['--jobs', '1'], { seconds: 1000 });
    expect(ran).toEqual(['3T seed 1 kept', '4T seed 1 kept', '3T seed 2 kept', '4T seed 2 kept']);
  });

  test('a process that died is started once more', async () => {
    let calls = 0;
    const fate = (): Outcome | undefined =>
      ++calls === 1 ? { kind: 'failed', code: 'DIED', message: 'killed' } : undefined;
    const { ran, lines } = await sweep(['--jobs', '1'], { fate });
    expect(ran.slice(0, 2)).toEqual(['3T seed 1', '3T seed 1']);
    expect(lines.find(({ state }) => state === 'failed')).toMatchObject({ again: true });
  });

  test('expectations decide the exit code', async () => {
    const expecting = (text: string) => ({ text: `${sweepText}\nexpect: ['${text}']` });
    expect((await sweep([], expecting('accuracy.final.mean >= 0.4'))).exitCode).toBe(0);
    expect((await sweep([], expecting('accuracy.final.mean >= 0.5'))).exitCode).toBe(1);
    expect((await sweep([], expecting('accuracy.final.mean >= 0.5 where trainers = 4'))).exitCode).toBe(0);
  });

  test('--dry-run lists trials and time, and leaves nothing behind', async () => {
    const { text, ran } = await sweep(['--dry-run']);
    expect(text).toMatch(/trainers 3, seed 1 {2}about 10 s of one core\n/);
    expect(text).toMatch(/2 combinations x 2 seeds = 4 trials; about \d+ s on this machine/);
    const { lines } = await sweep(['--dry-run', '--json']);
    expect(lines.map(({ state }) => state)).toEqual([
      undefined,
      ...Array.from({ length: 4 }, () => 'planned'),
    ]);
    expect(ran).toEqual([]);
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });

  test('on a terminal: a line for each that runs, and one for all', async () => {
    const { text } = await sweep(['--jobs', '2'], { isTTY: true });
    expect(text).toContain('  trainers 3, seed 1  round 1/2  50.00 %');
    expect(text).toMatch(/1 of 4 trials, about \d/);
    expect(text).toContain('4 of 4 trials\n');
  });

  test("another sweep's folder is left alone", async () => {
    await sweep();
    await expect(sweep([], { text: sweepText.replace('made-up', 'other') })).rejects.toMatchObject({
      code: 'SWEEP_FOLDER_TAKEN',
    });
  });
});
