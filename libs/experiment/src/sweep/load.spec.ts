import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isFault } from '#libs/fault';
import { loadRunFile } from '../run-file/load.ts';
import { configurationDigest } from '../plan/canonical.ts';
import { loadSweepFile, parseSweepFile } from './load.ts';
import { cellTitle, type Sweep, trialTitle } from './sweep.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flobc-sweep-'));
  writeFileSync(
    join(folder, 'base.yaml'),
    'name: base\nrounds: 3\nmodel: logistic\ntrainers: { count: 4, speed: 2 }\n',
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function load(text: string): Promise<Sweep> {
  const file = join(folder, 'sweep.yaml');
  writeFileSync(file, text);
  return loadSweepFile(file);
}

async function problemsOf(text: string): Promise<string[]> {
  try {
    await load(text);
    return [];
  } catch (fault) {
    if (!isFault(fault) || fault.code !== 'SWEEP_FILE_INVALID') throw fault;
    const problems = fault.facts.problems as { at: string; path: string; message: string }[];
    return problems.map(({ at, path, message }) => `${at.replace(`${folder}/`, '')} ${path}: ${message}`);
  }
}

describe('what is tried', () => {
  test('every combination, the last axis fastest, with every seed', async () => {
    const sweep = await load(
      'name: s\nbase: base.yaml\nmatrix:\n  validators.count: [1, 3]\n  scheme: [bsp, { kind: ssp, period: 20 s }]\nseeds: [1-2, 7]',
    );
    expect(sweep.trials.map((trial) => trialTitle(sweep, trial))).toEqual(
      ['1, scheme bsp', '1, scheme ssp', '3, scheme bsp', '3, scheme ssp'].flatMap((cell) =>
        [1, 2, 7].map((seed) => `validators.count ${cell}, seed ${seed}`),
      ),
    );
    expect(new Set(sweep.trials.map(({ id }) => id)).size).toBe(12);
    expect(sweep.cells.map(({ isBaseline }) => isBaseline)).toEqual([true, false, false, false]);
  });

  test('a trial is the run that the same values make on the command line', async () => {
    const sweep = await load(
      'name: s\nbase: base.yaml\nfixed: { scoring: standalone }\nmatrix: { trainers.count: [5] }\nseeds: [3]',
    );
    const run = await loadRunFile(join(folder, 'base.yaml'), [
      'trainers.count=5',
      'scoring=standalone',
      'seed=3',
    ]);
    expect(sweep.trials.map(({ id }) => id)).toEqual([configurationDigest(run.plan)]);
    expect(sweep.trials[0]!.loaded.folder).toBe(run.folder);
  });

  test('names set several keys at once, and leave the rest of the base', async () => {
    const sweep = await load(
      'name: s\nbase: base.yaml\nmatrix:\n  ratio:\n    5:5: { trainers: 5, validators.count: 5 }\n    9:1: { trainers: { count: 9 }, validators: 1 }\nseeds: [1]',
    );
    const counts = sweep.trials.map(({ loaded: { plan } }) => [
      plan.trainers.length,
      plan.validators.length,
      plan.trainers[0]!.speed,
    ]);
    expect(counts).toEqual([
      [5, 5, 2],
      [9, 1, 2],
    ]);
  });

  test('what is excluded is left out, by label or by value', async () => {
    const sweep = await load(
      'name: s\nbase: base.yaml\nmatrix: { validators.count: [1, 3], scheme: [bsp, bap] }\nexclude: [{ validators.count: 1, scheme: bap }]\nseeds: [1]\nbaseline: { scheme: bap }',
    );
    expect(sweep.cells.map((cell) => cellTitle(sweep, cell))).toEqual([
      'validators.count 1, scheme bsp',
      'validators.count 3, scheme bsp',
      'validators.count 3, scheme bap',
    ]);
    expect(sweep.cells.findIndex(({ isBaseline }) => isBaseline)).toBe(2);
  });

  test('the base may be in the file, with a preset, and without a name', async () => {
    const sweep = await load(
      'name: s\nbase: { preset: fedavg, model: logistic }\nmatrix: { trainers: [2, 3] }\nseeds: [1]',
    );
    expect(
      sweep.trials.map(({ loaded: { plan } }) => [plan.name, plan.coordination, plan.trainers.length]),
    ).toEqual([
      ['s', 'fedavg', 2],
      ['s', 'fedavg', 3],
    ]);
  });

  test('five seeds where none are given; a matrix may be empty', async () => {
    const sweep = await load('name: s\nbase: base.yaml');
    expect(sweep.trials.map(({ seed }) => seed)).toEqual(['1', '2', '3', '4', '5']);
  });
});

describe('mistakes', () => {
  test('are said all at once, each where it is, with what is nearest', async () => {
    const problems = await problemsOf(
      [
        'name: s',
        'base: { model: logistik }',
        'fixed: { trainers.cuont: 3 }',
        'matrix:',
        '  validators.count: [3, -1]',
        '  attack:',
        '    none: {}',
        '    two: { trainers.behaviours: [{ kind: sinFlip }] }',
        'exclude: [{ atack: none }, { attack: nine }]',
        'seeds: 1-2',
        'expect:',
        '  - accuracy.finl.mean > 1',
        '  - accuracy.final > 1',
        '  - accuracy.final.maen > 1',
        '  - accuracy.final.mean > 1 where atack = two',
        '  - accuracy.final.mean > 1 where attack = tow',
        '  - accuracy.final.mean',
      ].join('\n'),
    );
    expect(problems).toEqual([
      'sweep.yaml:2:16 model: there is no model "logistik"; is logistic meant?',
      'sweep.yaml:3:10 trainers.cuont: unknown key; is count meant?',
      expect.stringMatching(/^sweep.yaml:5:25 validators.count: expected a whole number/),
      expect.stringMatching(/^sweep.yaml:8:\d+ trainers.behaviours\[0\].kind: .*is signFlip meant\?$/),
      'sweep.yaml:9:13 exclude[0].atack: no axis of the matrix; is attack meant?',
      'sweep.yaml:9:38 exclude[1].attack: attack has no value "nine"; is none meant?',
      'sweep.yaml:12:5 expect[0]: there is no figure "accuracy.finl"; is accuracy.final meant?',
      expect.stringContaining('sweep.yaml:13:5 expect[1]: accuracy.final has to say of what over the seeds'),
      'sweep.yaml:14:5 expect[2]: there is no statistic "maen"; is mean meant?',
      'sweep.yaml:15:5 expect[3]: there is no axis atack; is attack meant?',
      'sweep.yaml:16:5 expect[4]: attack has no value tow; there are none, two',
      expect.stringContaining('sweep.yaml:17:5 expect[5]: expected FIGURE.STATISTIC'),
    ]);
  });

  test.each([
    ['name: s\nbas: base.yaml', 'sweep.yaml:2:1 bas: unknown key; is base meant?'],
    ['name: s\nbase: bsae.yaml', 'sweep.yaml:2:7 base: there is no run file'],
    ['name: s\nbase: base.yaml\nseeds: 5-1', 'sweep.yaml:3:8 seeds: expected a range such as 1-5'],
    [
      'name: s\nbase: base.yaml\nmatrix: { rounds: [] }',
      'sweep.yaml:3:19 matrix.rounds: expected a list of values',
    ],
    [
      'name: s\nbase: base.yaml\nmatrix: { rounds: [1] }\nexclude: [{ rounds: 1 }]',
      'exclude: leaves nothing',
    ],
    [
      'name: s\nbase: base.yaml\nmatrix: { rounds: [1] }\nbaseline: { rounds: 2 }',
      'baseline.rounds: rounds has no value 2',
    ],
    ['- 1', 'sweep.yaml:1:1 : expected a mapping'],
    ['name: [', 'sweep.yaml:1:'],
  ])('%j', async (text, problem) => {
    expect((await problemsOf(text)).join('\n')).toContain(problem);
  });

  test('of the base are said in the base', async () => {
    writeFileSync(join(folder, 'wrong.yaml'), 'name: base\nroudns: 3\n');
    expect(await problemsOf('name: s\nbase: wrong.yaml\nmatrix: { trainers: [2, 3] }')).toEqual([
      'wrong.yaml:2:1 roudns: unknown key; is rounds meant?',
    ]);
  });
});

describe('the sweeps that ship', () => {
  const experiments = join(import.meta.dirname, '../../../../experiments');
  const files = readdirSync(experiments, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.yaml') && /^base:/m.test(readFileSync(join(experiments, name), 'utf8')),
  );

  test.each(files)('%s is one, says its hours, and has five seeds', async (name) => {
    const file = join(experiments, name);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/^# Estimated: .*on two cores|Estimated: .*\(0\.\d+ h\) on two cores/m);
    expect(text).toMatch(/^seeds: 1-5$/m);
    // One seed stands for all: they differ in nothing else.
    const { trials, cells } = await parseSweepFile(text.replace('seeds: 1-5', 'seeds: [1]'), file);
    expect(new Set(trials.map(({ id }) => id)).size).toBe(cells.length);
  });
});

test('the example of the document is one', async () => {
  const root = join(import.meta.dirname, '../../../..');
  const [, text] = /```yaml\n([^]*?)```/.exec(readFileSync(join(root, 'docs/sweeps.md'), 'utf8'))!;
  const sweep = await load(text!.replace('quickstart.yaml', join(root, 'experiments/quickstart.yaml')));
  expect(sweep.trials.length).toBe(50);
});
