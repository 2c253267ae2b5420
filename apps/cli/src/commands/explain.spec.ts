import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalPlan, loadRunFile, parsePlan } from '#libs/experiment';
import type { Output } from '../output.ts';
import { explainCommand } from './explain.ts';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flobc-explain-'));
  file = join(folder, 'run.yaml');
  await writeFile(
    file,
    'name: small\ntrainers: { count: 4, behaviours: [{ kind: noise, std: 0.1, at: [2] }] }\n',
  );
});
afterAll(() => rm(folder, { recursive: true }));

// Colours depend on where the tests run; the words do not.
const plain = (text: string) => text.replace(/\u001b\[\d+m/g, '').replaceAll(`${folder}/`, '');

async function run(...args: string[]): Promise<string> {
  let written = '';
  const output: Output = { write: (text: string) => (written += text) };
  await explainCommand(output).exitOverride().parseAsync(args, { from: 'user' });
  return plain(written);
}

describe('flobc explain', () => {
  test('says every value and where it came from', async () => {
    const text = await run(file, '--set', 'scheme=bap', '--set', 'preset=flobc');
    const lines = text.split('\n').map((line) => line.replace(/ {2,}/g, '  ').trim());
    expect(lines[0]).toBe(
      'small  4 Trainers (1 noise), 3 Validators, bap, FlobcPolicy; flobc-cnn on mnist, 10 rounds',
    );
    expect(lines).toContain('count  4  run.yaml:2');
    expect(lines).toContain('scheme  bap  --set scheme=bap');
    expect(lines).toContain('quorumRatio  0.6  default');
    expect(lines).toContain('model  flobc-cnn  preset flobc: the network of its MNIST experiments');
    expect(lines).toContain('budget  100  default: pool x rounds');
    expect(lines).toContain('Trainers 0-1, 3: honest, bond 50');
    expect(lines).toContain('Trainer 2: noise (std 0.1), bond 50');
  });

  test('--given: only what is not a default', async () => {
    expect((await run(file, '--given')).split('\n').slice(3)).toMatchInlineSnapshot(`
      [
        "name          small                                   run.yaml:1",
        "trainers",
        "  count       4                                       run.yaml:2",
        "  behaviours  [{ kind: noise, std: 0.1, at: [2] }]    run.yaml:2",
        "",
        "Trainers 0-1, 3: honest, bond 50",
        "Trainer 2: noise (std 0.1), bond 50",
        "Validators 0-2: honest, bond 50",
        "",
      ]
    `);
  });

  test('--json: the values with their origins, and the configuration whose digest it is', async () => {
    const json = JSON.parse(await run(file, '--json')) as { values: object[]; configuration: unknown };
    const { plan } = await loadRunFile(file);
    expect(json).toMatchObject({ digest: expect.stringMatching(/^0x[0-9a-f]{64}$/) as string, problems: [] });
    expect(json.values).toContainEqual({
      path: 'rounds',
      value: '10',
      source: 'default',
      origin: { kind: 'default' },
    });
    expect(canonicalPlan(parsePlan(json.configuration))).toBe(canonicalPlan(plan));
  });

  test('what would stop the run is a fault with the place in the file; what is odd is a warning', async () => {
    const trainers = 'trainers.behaviours=[{kind: signFlip, share: 0.5}]';
    expect(await run(file, '--set', trainers)).toContain(
      `warning --set ${trainers}  trainers.behaviours: Trainers that are not honest have 50 % of the bond`,
    );
    await expect(run(file, '--set', 'data.samplesPerTrainer=20000')).rejects.toMatchObject({
      code: 'RUN_FILE_INVALID',
      message: expect.stringContaining('mnist/train has 60000') as string,
    });
    await expect(run(file, '--set', 'validators=0')).rejects.toThrow(
      '--set validators=0  validators.count: without',
    );
    await expect(run(join(folder, 'none.yaml'))).rejects.toMatchObject({ code: 'RUN_FILE_MISSING' });
  });
});
