import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadRunFile, readRunFolder } from '#libs/experiment';
import { generator } from '#libs/random';
import type { RoundRecord } from '#libs/simulation';
import { simulatedEngine } from './simulated-engine.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flobc-engine-'));
  await writeFile(join(folder, 'train.csv'), points('train', 240));
  await writeFile(join(folder, 'test.csv'), points('test', 60));
  await writeFile(join(folder, 'sides.yaml'), runFile);
});
afterAll(() => rm(folder, { recursive: true }));

const runFile = `
name: sides
rounds: 3
model: tabular-mlp
data:
  dataset: { kind: csv, path: train.csv, testPath: test.csv, label: side }
  samplesPerTrainer: 40
  samplesPerValidator: 20
trainers: 3
validators: 2
`;

/** Points of the plane, labelled by the side of a line on which they are. */
function points(what: string, count: number): string {
  const random = generator('points').split(what);
  const rows = Array.from({ length: count }, () => {
    const [x, y] = [random.normal(), random.normal()];
    return `${x.toFixed(4)},${y.toFixed(4)},${x + y > 0 ? 'above' : 'below'}`;
  });
  return `x,y,side\n${rows.join('\n')}\n`;
}

async function carryOut(out: string, isResumed: boolean, stopAfter = Infinity) {
  const loaded = await loadRunFile(join(folder, 'sides.yaml'));
  const controller = new AbortController();
  const rounds: RoundRecord[] = [];
  const carried = await simulatedEngine(loaded.plan, {
    observer: {
      round: (record) => {
        rounds.push(record);
        if (rounds.length === stopAfter) controller.abort();
      },
    },
    signal: controller.signal,
    folder: loaded.folder,
    out,
    isResumed,
    beforeEndingNow: () => undefined,
    workers: 1,
    say: () => undefined,
    warn: () => undefined,
  });
  return { ...carried, rounds };
}

test('a run is carried out where its file is, written down, stopped, and goes on to what it would have been', async () => {
  const [whole, halves] = [join(folder, 'whole'), join(folder, 'halves')];
  const { result, path } = await carryOut(whole, false);
  expect(path).toBe(whole);
  expect(result).toMatchObject({ end: 'finished', rounds: [{}, {}, {}] });
  const stopped = await carryOut(halves, false, 1);
  expect(stopped.result.end).toBe('stopped');
  const resumed = await carryOut(halves, true);
  expect(resumed.result.end).toBe('finished');
  const [a, b] = await Promise.all([whole, halves].map((place) => readRunFolder(place)));
  expect(a!.manifest.software.flobc).toMatch(/^\d+\.\d+\.\d+$/);
  expect(b!.manifest).toEqual(a!.manifest);
  expect(b!.events).toEqual(a!.events);
  expect(b!.summary!.model).toBe(a!.summary!.model);
});
