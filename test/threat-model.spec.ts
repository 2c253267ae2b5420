/**
 * Holds docs/threat-model.md to the tree: every line of its tables names tests, and every one of them is there. Whether a test
 * shows what the line says, only a reader can tell.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface Shown {
  readonly file: string;
  readonly title: string;
}

interface Line {
  readonly actor: string;
  readonly tries: string;
  readonly happens: string;
  readonly shown: readonly Shown[];
}

const actors = [
  'Trainer',
  'Validator, alone or in a minority of the bond',
  'Validators with enough bond',
  'Sponsor',
  'Policy',
  'Scheduler',
  'Outsider',
  'Learning and network',
];
const open = 'Not shown yet';

const root = new URL('../', import.meta.url);
const page = readFileSync(new URL('docs/threat-model.md', root), 'utf8');
const files = new Map(
  [...page.matchAll(/^\[([^\]]+)\]: \.\.\/(\S+)$/gm)].map(([, label, path]) => [label!, path!]),
);

/** The cells of all rows below a heading, without those of the table's own head. */
function rows(heading: string): string[][] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return section
    .split('\n')
    .filter((text) => text.startsWith('|'))
    .slice(2)
    .map((text) => text.slice(1, -1).split('|'))
    .map((cells) => cells.map((cell) => cell.trim()));
}

/** The tests that a cell names: [file] `title`, each on a line of its own. Whatever else stands there is an error. */
function shownBy(cell: string): Shown[] {
  return cell.split('<br>').map((text) => {
    const [, label, title] = /^\[([^\]]+)\] `([^`]+)`$/.exec(text) ?? [];
    const file = files.get(label ?? '');
    if (file === undefined)
      throw new Error(`docs/threat-model.md: "${text}" is not [file] \`title\` with a link`);
    return { file, title: title! };
  });
}

const lines = actors.flatMap((actor) =>
  rows(actor).map(([tries, happens, cell]): Line => ({
    actor,
    tries: tries!,
    happens: happens!,
    shown: shownBy(cell!),
  })),
);

/** What is wrong with a named test; null if it is there. */
function missing({ file, title }: Shown): string | null {
  const where = `docs/threat-model.md names \`${title}\` in ${file}`;
  if (!/\.spec\.ts$|^contracts\/test\/.*\.sol$|\/suite\/\w+\.ts$/.test(file))
    return `${where}, which holds no tests`;
  const path = new URL(file, root);
  if (!existsSync(path)) return `${where}: there is no such file; name the test that shows it now`;
  return isThere(file, title, readFileSync(path, 'utf8'))
    ? null
    : `${where}: no test has that title; name the one that shows it now, or move the line to "${open}"`;
}

/** Solidity: a test function of that name. TypeScript: the whole of a string, as titles and names of cases are. */
function isThere(file: string, title: string, source: string): boolean {
  const code = source.replaceAll(/^\s*(\/\/|\/\*|\*).*$/gm, '');
  if (file.endsWith('.sol')) {
    return /^(test|invariant)\w*$/.test(title) && new RegExp(`\\bfunction ${title}\\(`).test(code);
  }
  return [`'${title}'`, `"${title}"`, `\`${title}\``].some((literal) => code.includes(literal));
}

describe('docs/threat-model.md', () => {
  test.each(actors)('has lines about: %s', (actor) => {
    expect(rows(actor).length).toBeGreaterThanOrEqual(3);
  });

  test.each(lines)('$actor: $tries', ({ happens, shown }) => {
    expect(happens).toMatch(/^\*\*Can(not)?\b/);
    expect(shown.map(missing).filter((complaint) => complaint !== null)).toEqual([]);
  });

  test('says of what is not shown yet what it waits for', () => {
    expect(rows(open).length).toBeGreaterThan(0);
    for (const [claim, waitsFor] of rows(open)) {
      expect(waitsFor, claim).toMatch(/^(nodes|network|contracts)$/);
    }
  });

  test('links no file that no line names', () => {
    const named = new Set(lines.flatMap(({ shown }) => shown.map(({ file }) => file)));
    expect([...files.values()].filter((file) => !named.has(file))).toEqual([]);
  });
});

describe('a test that was renamed, removed or commented out is missed', () => {
  test.each([
    ['contracts/test/Gone.t.sol', 'test_Runs', 'there is no such file'],
    ['contracts/test/Rounds.t.sol', 'test_NobodyWroteThis', 'no test has that title'],
    ['test/threat-model.spec.ts', 'nobody ' + 'wrote this', 'no test has that title'],
    ['contracts/src/RunLedger.sol', 'createRun', 'which holds no tests'],
  ])('%s: %s', (file, title, complaint) => {
    expect(missing({ file, title })).toContain(complaint);
  });

  test('a part of a title, a comment, or a function that is no test is not enough', () => {
    expect(isThere('a.spec.ts', 'goes on', "test('a run goes on', () => {})")).toBe(false);
    expect(isThere('a.spec.ts', 'goes on', "test('goes on', () => {})")).toBe(true);
    expect(isThere('a.spec.ts', 'goes on', "  // test('goes on', () => {})")).toBe(false);
    expect(isThere('A.t.sol', 'test_Goes', 'function test_GoesOn() public {}')).toBe(false);
    expect(isThere('A.t.sol', 'test_Goes', '    // function test_Goes() public {}')).toBe(false);
    expect(isThere('A.t.sol', 'setUp', 'function setUp() public {}')).toBe(false);
  });
});
