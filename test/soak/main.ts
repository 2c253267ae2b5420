// node --conditions=source test/soak/main.ts [--seeds 1000] [--workers 2] | --seed 17
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { overall, soak, type SoakResult } from './soak.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1000' },
    workers: { type: 'string', default: '2' },
    update: { type: 'boolean', default: false },
  },
});
const print = (line: string) => process.stdout.write(`${line}\n`);

if (values.seed === undefined) await all(Number(values.seeds), Number(values.workers));
else print(JSON.stringify(soak(Number(values.seed))));

/** Every seed in its share of the workers; the digest does not depend on how they were shared out. */
async function all(seeds: number, workers: number): Promise<void> {
  const began = performance.now();
  const results = (
    await Promise.all(Array.from({ length: workers }, (_, i) => share(i, workers, seeds)))
  ).flat();
  const sum = (of: (result: SoakResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  const seconds = (performance.now() - began) / 1000;
  print(
    `${seeds} seeds, ${sum(({ rounds }) => rounds)} rounds, ${sum(({ releases }) => releases)} releases, ${sum(({ steps }) => steps)} steps`,
  );
  print(`${seconds.toFixed(1)} s on ${workers} threads`);
  const digest = overall(results);
  const file = new URL('golden.json', import.meta.url);
  const golden = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  if (values.update) writeFileSync(file, `${JSON.stringify({ ...golden, [seeds]: digest }, null, 2)}\n`);
  const expected = values.update ? digest : golden[seeds];
  print(
    `digest ${digest}${expected === undefined ? '' : digest === expected ? ', as committed' : `, committed is ${expected}`}`,
  );
  if (expected !== undefined && digest !== expected) process.exitCode = 1;
}

function share(first: number, every: number, seeds: number): Promise<SoakResult[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: { first, every, seeds } });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
