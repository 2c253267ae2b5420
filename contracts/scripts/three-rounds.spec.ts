import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const script = join(dirname(fileURLToPath(import.meta.url)), 'three-rounds.ts');
const options = ['--conditions=source', '--disable-warning=ExperimentalWarning'];

test(
  'three rounds run, punish the dead and the hostile, and every wei is accounted for',
  { timeout: 600_000 },
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [...options, script], {
      maxBuffer: 1 << 24,
    });
    expect(stdout.trimEnd().endsWith('Every wei is where it should be.')).toBe(true);

    const amounts = (title: string, account: string) => {
      const section = stdout.slice(stdout.indexOf(`\n${title}\n`));
      const row = section.split('\n').find((text) => text.startsWith(account.padEnd(14)))!;
      return row.slice(14).trim().split(/\s+/);
    };
    // Ten rounds of poison would cost a bond; three cost 1 % of it. A missed round costs a Validator half a percent.
    expect(amounts('After', 'Trainer 10')).toEqual([
      '0.000000000000000000',
      '99.000000000000000000',
      '0.000000000000000000',
    ]);
    expect(amounts('After', 'Validator 2')[1]).toBe('995.000000000000000000');
    expect(amounts('After', 'Validator 1')[1]).toBe('1000.000000000000000000');
    expect(Number(amounts('After', 'Trainer 1')[0])).toBeGreaterThan(0);
    expect(amounts('After', 'all there is')).toEqual(amounts('Before', 'all there is'));
  },
);
