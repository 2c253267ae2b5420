import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseRunFile } from '../run-file/load.ts';
import { checkPlan } from './check.ts';
import { placed } from './placed.ts';
import { refuseProblems, remarkLine } from './remarks.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flobc-check-'));
  const rows = Array.from({ length: 40 }, (_, i) => `${i},${i % 2 === 0 ? 'even' : 'odd'}`);
  writeFileSync(join(folder, 'table.csv'), `n,parity\n${rows.join('\n')}\n`);
  writeFileSync(join(folder, 'tiny.csv'), 'n,parity\n1,odd\n2,even\n');
  writeFileSync(join(folder, 'numbers.csv'), `n,y\n${rows.map((_, i) => `${i},${i}.5`).join('\n')}\n`);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const load = (text: string) => parseRunFile(`name: test\n${text}`, { file: 'run.yaml', folder });

/** A small table, so that each case takes no time. */
const table = (more = '', file = 'table.csv') => `model: tabular-mlp
data: { dataset: { kind: csv, path: ${file}, testPath: ${file}, label: ${file === 'numbers.csv' ? 'y, target: number' : 'parity'} }, samplesPerTrainer: 3, samplesPerValidator: 2${more} }
`;

async function remarks(text: string): Promise<{ problems: string[]; warnings: string[] }> {
  const loaded = await load(text);
  const { problems, warnings } = await checkPlan(loaded.plan, loaded.folder);
  return {
    problems: problems.map(({ path, message }) => `${path}: ${message}`),
    warnings: warnings.map(({ path, message }) => `${path}: ${message}`),
  };
}

describe('a plan that can be carried out', () => {
  test('has no problems', async () => {
    expect(await remarks(table())).toEqual({ problems: [], warnings: [] });
  });

  test('and has warnings where something is probably not meant', async () => {
    const { problems, warnings } = await remarks(`${table()}
trainers: { behaviours: [{ kind: copycat, count: 4 }] }
validators: { behaviours: [{ kind: lazy, at: [0] }], groups: [{ at: [0], bond: 100 }] }
scheme: { kind: bap, quorumRatio: 0.5 }
aggregator: { name: krum, hostile: 1 }
`);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      'aggregator: krum(hostile=1) needs at least 5 updates (n >= 2f + 3 with f = 1), this round has 4, as the scheme allows',
      'validators.behaviours: Validators that are not honest have 50 % of the bond',
      'trainers.behaviours: Trainers that are not honest have 57.1 % of the bond',
    ]);
  });

  test('more Validators than fit a committee take turns', async () => {
    const { problems, warnings } = await remarks(
      'validators: 33\ndata: { samplesPerTrainer: 10, samplesPerValidator: 10 }',
    );
    expect(problems).toEqual([]);
    expect(warnings).toEqual(['validators.count: of 33 Validators only 32 score in a round']);
  });
});

describe('what would stop a run', () => {
  test.each<[string, string, RegExp[]]>([
    ['nobody who votes', `${table()}validators: 0`, [/^validators\.count: without Validators/]],
    [
      'a lineup that is too long',
      'data: { samplesPerTrainer: 10 }\ntrainers: 257',
      [/^trainers\.count: 257 Trainers train in each round, and a lineup has at most 256/],
    ],
    [
      'an aggregator that needs more',
      `${table()}aggregator: { name: krum, hostile: 3 }`,
      [/^aggregator: krum\(hostile=3\) needs at least 9 updates/],
    ],
    ['a dataset that is not there', table('', 'none.csv'), [/^data\.dataset: There is no file/]],
    [
      'too few examples',
      table('', 'tiny.csv'),
      [/^data: 7 Trainers with 3 and 3 Validators with 2 examples need 27, and tiny\.csv\/train has 2/],
    ],
    [
      'a partition that cannot be',
      table(', partition: { kind: labelsPerTrainer, k: 3 }'),
      [/^data: The partition's k is 3/],
    ],
    [
      'no test set',
      table().replace('testPath: table.csv, ', ''),
      [/^data\.dataset: table\.csv\/train has no test set/],
    ],
    [
      'attacks on labels of a regression',
      `${table('', 'numbers.csv')}trainers: { behaviours: [{ kind: labelFlip, at: [1] }] }`,
      [/^trainers\.behaviours: Trainer 1 attacks labels/],
    ],
    [
      'a target beyond the classes',
      `${table()}trainers: { behaviours: [{ kind: backdoor, target: 2, at: [1] }] }`,
      [/^trainers\.behaviours: Trainer 1 has a target beyond the 2 classes/],
    ],
    ['a model that does not fit', table().replace('tabular-mlp', 'lenet5'), [/^model: /]],
    [
      'a crowd that no manifest holds',
      'data: { samplesPerTrainer: 5, samplesPerValidator: 5 }\ntrainers: { count: 8000, sampleSize: 10 }',
      [/^trainers\.count: the plan takes [\d]+ characters/],
    ],
    [
      'several at once',
      `${table()}validators: 0\naggregator: { name: krum, hostile: 3 }`,
      [/^aggregator/, /^validators/],
    ],
  ])('%s', async (_, text, expected) => {
    const { problems } = await remarks(text);
    expect(problems).toHaveLength(expected.length);
    for (const [i, pattern] of expected.entries()) expect(problems[i]).toMatch(pattern);
  });

  test('is no matter to a baseline that does without', async () => {
    expect((await remarks(`preset: fedavg\n${table()}`)).problems).toEqual([]);
    expect(
      (await remarks(`preset: pooled\naggregator: { name: krum, hostile: 3 }\n${table()}`)).problems,
    ).toEqual([]);
  });
});

describe('remarks', () => {
  test('have the place in the file, and are a fault together', async () => {
    const loaded = await load(`${table()}validators: 0`);
    const check = await checkPlan(loaded.plan, loaded.folder);
    expect(remarkLine(loaded, check.problems[0]!)).toMatch(/^run\.yaml:4:1 {2}validators\.count: /);
    expect(remarkLine(loaded, { path: 'quorum.few', message: 'x' })).toBe('quorum.few: x');
    expect(() => {
      refuseProblems(loaded, check);
    }).toThrow(/^test cannot be run:\n {2}run\.yaml:4:1 {2}validators\.count/);
    refuseProblems(loaded, { problems: [], warnings: check.problems });
  });
});

test('paths are relative to the run file, and digests are not of this machine', async () => {
  const text =
    'data: { dataset: { kind: npy, features: a.npy, labels: /b.npy, test: { features: c, labels: d } } }';
  const { plan } = await load(text);
  expect(placed(plan, '/runs').source).toEqual({
    kind: 'npy',
    features: '/runs/a.npy',
    labels: '/b.npy',
    test: { features: '/runs/c', labels: '/runs/d' },
  });
  expect(placed(plan, '/runs')).toMatchObject({ model: 'lenet5' });
  const mnist = await load('data: { dataset: { kind: mnist, folder: digits } }');
  expect(placed(mnist.plan, '/runs').source).toEqual({ kind: 'mnist', folder: '/runs/digits' });
});
