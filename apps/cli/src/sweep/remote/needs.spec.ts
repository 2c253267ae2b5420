import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseSweepFile } from '#libs/experiment';
import { smallBase, writeTables } from '../sweep.fixture.ts';
import { missingOf, needsOf, refuseOtherFiles } from './needs.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flobc-needs-'));
  mkdirSync(join(folder, 'tables'));
  writeTables(join(folder, 'tables'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const trialsOf = async (base = smallBase.replace(/(train|test)[.]csv/g, './tables/$&')) =>
  (await parseSweepFile(`name: x\n${base}\nmatrix:\n  trainers.count: [2, 3]\n`, join(folder, 'x.yaml')))
    .trials;

describe('what trials need', () => {
  test('is each file once, by its name in the run file', async () => {
    const needs = await needsOf(await trialsOf());
    expect(needs.datasets).toEqual([]);
    expect(needs.files.map(({ path }) => path)).toEqual(['tables/train.csv', 'tables/test.csv']);
    expect(await missingOf(needs, folder)).toBeNull();
  });

  test('is the name of a dataset that comes with the product', async () => {
    const needs = await needsOf(await trialsOf('base: { model: logistic, data: { dataset: mnist } }'));
    expect(needs).toEqual({ datasets: ['mnist'], files: [] });
    expect(await missingOf(needs, null)).toBeNull();
    expect(await missingOf({ ...needs, datasets: ['nonsense'] }, null)).toMatch(/nonsense is not installed/);
  });

  test('is looked for in the folder that was named, and nowhere else', async () => {
    const needs = await needsOf(await trialsOf());
    const [train] = needs.files;
    expect(await missingOf(needs, null)).toMatch(/without --files/);
    expect(await missingOf(needs, join(folder, 'tables'))).toBe('tables/train.csv is not there');
    for (const path of ['../x', join(folder, 'tables/train.csv')])
      expect(await missingOf({ datasets: [], files: [{ ...train!, path }] }, join(folder, 'y'))).toMatch(
        /outside/,
      );
    writeFileSync(join(folder, 'tables/train.csv'), 'changed');
    expect(await missingOf(needs, folder)).toBe('tables/train.csv has another content there');
  });

  test('is all that a trial may read', async () => {
    const [trial] = await trialsOf();
    const { plan } = trial!.loaded;
    const needs = await needsOf([trial!]);
    expect(() => {
      refuseOtherFiles(plan, needs);
    }).not.toThrow();
    const others = [
      { ...plan, model: './tables/model.mjs' },
      { ...plan, data: { ...plan.data, source: { kind: 'csv', path: '/etc/passwd', label: 'x' } as const } },
    ];
    for (const other of others)
      expect(() => {
        refuseOtherFiles(other, needs);
      }).toThrow(/of which its sweep has said nothing/);
  });
});
