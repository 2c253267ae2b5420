import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configurationDigest, loadRunFile, openRunFolder, planJson, type RunPlan } from '#libs/experiment';
import { resumeCommand, runToResume } from './resuming.ts';
import { type RunFileOptions, runFile } from './start.ts';

let folder: string;
let plan: RunPlan;
let stopped: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flobc-resume-'));
  stopped = join(folder, 'stopped');
  await writeFile(join(folder, 'model.ts'), 'export default 1;\n');
  await writeFile(join(folder, 'own.yaml'), 'name: own\nmodel: ./model.ts\n');
  ({ plan } = await loadRunFile(join(folder, 'own.yaml')));
  openRunFolder(stopped, {
    ...{ format: 'flobc.run', version: 1, run: configurationDigest(plan), configuration: planJson(plan) },
    ...{
      seed: plan.seed,
      engine: 'sim',
      ledger: { chainId: 1n, address: `0x${'00'.repeat(20)}`, number: 0n },
    },
    ...{ learning: { backend: 'compiled', version: '1' }, software: { flobc: '0.1.0', node: 'v22.0.0' } },
  }).close();
});
afterAll(() => rm(folder, { recursive: true }));

describe('a run to resume', () => {
  test('is that of its folder, with the files beside the run file', () => {
    expect(runToResume(stopped, join(folder, 'own.yaml'))).toEqual({ plan, folder });
  });

  test('is refused where a file that it began with is not there, or is another', async () => {
    const notAsItWas = {
      code: 'OPTION_INVALID',
      message: expect.stringContaining('model.ts is not the file') as string,
    };
    expect(() => runToResume(stopped, undefined)).toThrow(expect.objectContaining(notAsItWas));
    const elsewhere = join(folder, 'elsewhere');
    expect(() => runToResume(stopped, join(elsewhere, 'own.yaml'))).toThrow(
      expect.objectContaining(notAsItWas),
    );
    await writeFile(join(folder, 'model.ts'), 'export default 2;\n');
    expect(() => runToResume(stopped, join(folder, 'own.yaml'))).toThrow(expect.objectContaining(notAsItWas));
    await writeFile(join(folder, 'model.ts'), 'export default 1;\n');
  });

  test('has to be there', () => {
    expect(() => runToResume(folder, undefined)).toThrow(
      expect.objectContaining({ code: 'RUN_FOLDER_INVALID' }),
    );
  });

  test.each([
    [{ set: ['rounds=3'] }, '--set'],
    [{ seed: '2', out: 'x' }, '--seed, --out'],
    [{ keepUpdates: true }, '--keep-updates'],
  ])('goes on as it was: %o', async (change: RunFileOptions, named) => {
    const nothing = undefined as never;
    const starting = {
      report: nothing,
      signal: nothing,
      engine: nothing,
      onStart: () => undefined,
      beforeEndingNow: () => undefined,
    };
    await expect(runFile(undefined, { ...change, resume: stopped }, starting)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: `${named} with --resume: a run goes on as it was.`,
    });
  });
});

test('the command that goes on names the run file where its folder matters', async () => {
  expect(resumeCommand('runs/own-1-1', 'some folder/own.yaml', plan)).toBe(
    "flobc run 'some folder/own.yaml' --resume runs/own-1-1",
  );
  await writeFile(join(folder, 'plain.yaml'), 'name: plain\n');
  const { plan: plain } = await loadRunFile(join(folder, 'plain.yaml'));
  expect(resumeCommand('runs/plain-1-1', 'plain.yaml', plain)).toBe('flobc run --resume runs/plain-1-1');
});
