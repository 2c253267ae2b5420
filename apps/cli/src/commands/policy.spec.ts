import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attacks, type Sweep } from '#libs/experiment';
import { FakeRunner } from '../sweep/sweep.fixture.ts';
import { policyCommand } from './policy.ts';

test('flobc policy test runs the battery, keeps it as a sweep, and says what it found', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flobc-policy-'));
  const nothing = () => undefined;
  let [written, ran, exitCode] = ['', 0, 0];
  const out = join(folder, 'battery');
  await policyCommand(() => ({
    output: { isTTY: false, columns: 100, write: (part: string) => (written += part) },
    side: { write: nothing },
    signals: { on: nothing, off: nothing, suspend: nothing, end: nothing, onReaderGone: nothing },
    setExitCode: (code) => (exitCode = code),
    words: ['policy', 'test', 'FlatPolicy'],
    openRunner: () =>
      new FakeRunner(() => {
        ran++;
        return undefined;
      }),
    estimate: ({ trials }: Sweep) => Promise.resolve(new Map(trials.map(({ id }) => [id, 1]))),
    commit: 'abc',
    now: () => new Date(0),
  })).parseAsync([
    'node',
    'policy',
    'test',
    'FlatPolicy',
    '--seeds',
    '1',
    '--set',
    'trainers.count=5',
    '--out',
    out,
    '--json',
  ]);
  const last = JSON.parse(written.trim().split('\n').at(-1)!) as object;
  expect(last).toMatchObject({ kind: 'findings', policy: 'FlatPolicy', attacks: [] });
  // Of five Trainers 10 and 20 % are one: the same run is run once.
  expect(ran).toBeGreaterThan(attacks.length / 2);
  expect(exitCode).toBe(0);
  expect(existsSync(join(out, 'sweep.yaml'))).toBe(true);
  rmSync(folder, { recursive: true });
});
