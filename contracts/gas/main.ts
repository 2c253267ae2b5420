// Measures the gas of every operation and writes contracts/snapshots/gas.json and docs/results/gas.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure } from './measure.ts';
import { report } from './report.ts';

const contracts = join(dirname(fileURLToPath(import.meta.url)), '..');
const results = join(contracts, '../docs/results');

const snapshot = await measure();
mkdirSync(join(contracts, 'snapshots'), { recursive: true });
mkdirSync(results, { recursive: true });
writeFileSync(join(contracts, 'snapshots/gas.json'), `${JSON.stringify(snapshot, null, 2)}\n`);
writeFileSync(join(results, 'gas.md'), report(snapshot));
process.stdout.write(report(snapshot));
