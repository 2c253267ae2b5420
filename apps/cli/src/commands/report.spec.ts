import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadSweepFile, makeSweepFolder, recordOf, replaceFile, trialFolder } from '#libs/experiment';
import { madeUpTrial, writeSweepFile } from '../sweep/sweep.fixture.ts';
import { compareCommand } from './compare.ts';
import { reportCommand } from './report.ts';

let folder = '';
let out = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flobc-report-'));
  out = join(folder, 'out');
  const sweep = await loadSweepFile(writeSweepFile(folder));
  makeSweepFolder(out);
  replaceFile(join(out, 'sweep.json'), JSON.stringify(recordOf(sweep, () => [], [])));
  for (const { id, loaded } of sweep.trials)
    await madeUpTrial({
      plan: loaded.plan,
      files: folder,
      place: trialFolder(out, id),
      cache: null,
      workers: 1,
      commit: 'abc',
    });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function text(command: 'report' | 'compare', ...args: string[]): Promise<string> {
  let written = '';
  const output = { write: (part: string) => (written += part) };
  await (command === 'report' ? reportCommand(output) : compareCommand(output)).parseAsync([
    'node',
    'flobc',
    ...args,
  ]);
  return written;
}

test('one page, and what else is asked for', async () => {
  const paths = (await text('report', out, '--csv', '--png', '--markdown', join(folder, 'docs', 'page.md')))
    .trim()
    .split('\n');
  expect(paths[0]).toBe(join(out, 'report.html'));
  for (const path of paths) expect(existsSync(path), path).toBe(true);
  expect(readFileSync(join(folder, 'docs', 'page.md'), 'utf8')).toContain('](page/accuracy-by-round.svg)');
  expect(readdirSync(join(out, 'png'))).toContain('accuracy-by-round.png');
  expect(readFileSync(join(out, 'csv', 'figure-best-accuracy.csv'), 'utf8').split('\n')[0]).toBe(
    'title,mean,low,high,n,note',
  );
});

test('of one run too', async () => {
  const [trial] = readdirSync(join(out, 'trials'));
  const page = join(folder, 'one.html');
  expect(await text('report', join(out, 'trials', trial!), '--out', page)).toBe(`${page}\n`);
});

test('of a folder of something else there is none', async () => {
  await expect(text('report', folder)).rejects.toMatchObject({ code: 'RESULTS_INVALID' });
});

test('two sweeps beside each other', async () => {
  const table = await text('compare', out, out, '--figure', 'accuracy.final');
  expect(table).toContain('trainers 3');
  expect(table).toContain('4 trials are the same run in both');
});
