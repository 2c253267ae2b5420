import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseRunFile } from '#libs/experiment';
import { groundOfNode } from './node-ground.ts';

const folder = mkdtempSync(join(tmpdir(), 'flobc-own-data-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function table(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const header = 'width,height,kind\n';
const rows = { small: '1,2,small\n2,1,small\n', large: '8,9,large\n9,8,large\n' };
table('run.csv', header + rows.small + rows.large);
const partly = table('partly.csv', header + rows.small);
const wider = table('wider.csv', `depth,${header}1,1,2,small\n8,8,9,large\n`);

/** What stands between a node and its own data; null: nothing. */
async function faultOf(dataset: object, own: object): Promise<unknown> {
  const file = {
    ...{ name: 'own-data', model: 'mlp-200', trainers: 1, validators: 1 },
    data: { dataset, samplesPerTrainer: 2, samplesPerValidator: 1 },
  };
  const { plan } = await parseRunFile(JSON.stringify(file), { file: 'own-data', folder });
  const choices = { folder, workers: 1, own: { kind: 'csv', label: 'kind', ...own } as never };
  try {
    const { workplace } = await groundOfNode(plan, { role: 'trainer', position: null }, choices);
    await workplace.learner.close();
    return null;
  } catch (error) {
    return error;
  }
}

const run = { kind: 'csv', label: 'kind', path: 'run.csv', testPath: 'run.csv' };

describe("a node's own data", () => {
  test('of the shape and the classes of the run is taken', async () => {
    expect(await faultOf(run, { path: partly, classNames: ['large', 'small'] })).toBeNull();
  });

  test.each([
    ['without a class that the run has', run, { path: partly }, '2 and 1 classes', '2 and 2 classes'],
    ['with a column more', run, { path: wider }, '3 and 2 classes', '2 and 2 classes'],
    [
      'a table for images',
      { kind: 'mnist' },
      { path: wider },
      '3 and 2 classes',
      '28 x 28 x 1 and 10 classes',
    ],
  ])('%s is refused, and what is needed said', async (_, dataset, own, has, needs) => {
    expect(await faultOf(dataset, own)).toMatchObject({
      code: 'DATA_UNSUITABLE',
      message: expect.stringMatching(`${has};.*needs ${needs}`) as string,
    });
  });

  test('is not compared with a file that is not here', async () => {
    const away = { ...run, path: 'elsewhere.csv', testPath: 'elsewhere.csv' };
    expect(await faultOf(away, { path: partly, classNames: ['large', 'small'] })).toBeNull();
  });
});
