import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { gasLimit } from '../rehearsal/chain.ts';
import { measure, measureRound, type Snapshot } from './measure.ts';
import { report } from './report.ts';

const contracts = join(dirname(fileURLToPath(import.meta.url)), '..');
const committed = JSON.parse(readFileSync(join(contracts, 'snapshots/gas.json'), 'utf8')) as Snapshot;

describe('gas', () => {
  let now: Snapshot;
  beforeAll(async () => {
    now = await measure();
  }, 600_000);

  test('the committed snapshot is what the contracts need (else: node --conditions=source contracts/gas/main.ts)', () => {
    expect(now).toEqual(committed);
  });

  test('the committed page is made of the committed snapshot', () => {
    expect(readFileSync(join(contracts, '../docs/results/gas.md'), 'utf8')).toBe(report(committed));
  });

  test('a round of ten Trainers and three Validators takes at most 600,000', () => {
    expect(now.rounds['10T/3V']!.total).toBeLessThanOrEqual(600_000);
  });

  test('at ten Validators a Trainer more takes at most 20,000', async () => {
    const fewer = await measureRound({ trainers: 50, validators: 10 });
    expect((now.rounds['100T/10V']!.total - fewer.total) / 50).toBeLessThanOrEqual(20_000);
  });

  test('no transaction comes near the limit of a transaction', () => {
    for (const { largest } of Object.values(now.rounds)) expect(largest).toBeLessThan(gasLimit);
  });
});
