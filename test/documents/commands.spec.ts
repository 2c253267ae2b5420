import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { program } from '../../apps/cli/src/program.ts';

const root = join(import.meta.dirname, '../..');

interface Shown {
  /** Where it stands, for whoever has to mend it. */
  readonly at: string;
  /** What follows `flobc`, without comments. */
  readonly words: readonly string[];
}

/** Every command of the project's that a page shows in a block of its own. */
function shownIn(page: string): Shown[] {
  const blocks = readFileSync(join(root, page), 'utf8').matchAll(/^```(?:sh|bash)?\n(.*?)^```/gms);
  return [...blocks].flatMap(([, block]) =>
    block!.split('\n').flatMap((line) => {
      // What stands beside a command, after two blanks or a #, says what it does.
      const command = /^(?:\$ )?(?:npx )?flobc (.*?)(?:\s{2,}.*|\s#.*)?$/.exec(line)?.[1];
      return command === undefined ? [] : [{ at: `${page}: ${line}`, words: command.split(/\s+/) }];
    }),
  );
}

const pages = ['README.md', ...globSync('docs/*.md', { cwd: root }).sort()];
const shown = pages.flatMap(shownIn);

/** Of `policy test FILE` the command that is meant, as deep as its words are names; undefined where there is none. */
function commandOf(words: readonly string[]): Command | undefined {
  let command: Command | undefined;
  for (const word of words) {
    const next = (command ?? program).commands.find((one) => one.name() === word);
    if (next === undefined) break;
    command = next;
  }
  return command;
}

describe('commands that documents show', () => {
  test('are there, with all of their options', () => {
    expect(shown.length).toBeGreaterThan(15);
    for (const { at, words } of shown) {
      const options = commandOf(words)?.options.map(({ long }) => long);
      expect(options, at).toBeDefined();
      for (const option of words.filter((word) => word.startsWith('--')))
        expect([...options!, '--help'], at).toContain(option.split('=')[0]);
    }
  });

  test('name files of this repository that are there', () => {
    for (const { at, words } of shown)
      for (const word of words.filter((one) => one.startsWith('experiments/')))
        expect(existsSync(join(root, word)), at).toBe(true);
  });
});

/** README's way from a clone to a report, word for word, in an empty folder; it takes ten minutes, so it is asked for. */
const wayThrough = process.env.FLOBC_CLONE === '1' ? test : test.skip;

wayThrough(
  'the way from a clone to the ratio report is the one that README.md says',
  { timeout: 3_600_000 },
  () => {
    const section = /^## From a clone to a report\n(.*?)^## /ms.exec(
      readFileSync(join(root, 'README.md'), 'utf8'),
    )![1]!;
    const commands = /^```\n(.*?)^```/ms
      .exec(section)![1]!
      .split('\n')
      .filter((line) => line !== '');
    const folder = mkdtempSync(join(tmpdir(), 'flobc-clone-'));
    try {
      const script = commands.map((line) =>
        line.replace(/\s{2,}.*$/, '').replace(/^git clone \S+/, `git clone ${root}`),
      );
      const { status, stdout } = spawnSync('sh', ['-ec', script.join('\n')], {
        cwd: folder,
        encoding: 'utf8',
        maxBuffer: 1 << 28,
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { HOME: process.env.HOME, PATH: process.env.PATH },
      });
      expect(status, stdout.slice(-2000)).toBe(0);
      const report = globSync('*/runs/sweeps/flobc-ratio-mlp/report.html', { cwd: folder });
      expect(report).toHaveLength(1);
      expect(readFileSync(join(folder, report[0]!), 'utf8')).toContain('<svg');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
