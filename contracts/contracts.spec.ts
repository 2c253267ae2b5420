// What is checked about the contracts from outside of Solidity: as they are committed, without compiling them.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { growthOf, measure, type Snapshot } from './gas/measure.ts';
import { growthGoal, report, roundGoal } from './gas/report.ts';
import { gasLimit, startChain } from './rehearsal/chain.ts';
import { tallyOf, unavailable } from './rehearsal/tally.ts';

const here = dirname(fileURLToPath(import.meta.url));
/** A rehearsal at every size takes half a minute of a busy core. */
const slow = { timeout: 600_000 };

describe('gas', () => {
  const committed = JSON.parse(readFileSync(join(here, 'snapshots/gas.json'), 'utf8')) as Snapshot;
  let now: Snapshot;
  beforeAll(async () => {
    now = await measure();
  }, slow.timeout);

  test('the committed snapshot is what the contracts need (else: node --conditions=source contracts/gas/main.ts)', () => {
    expect(now).toEqual(committed);
  });

  test('the committed page is made of the committed snapshot', () => {
    expect(readFileSync(join(here, '../docs/results/gas.md'), 'utf8')).toBe(report(committed));
  });

  test('a round of ten Trainers and three Validators takes at most 600,000', () => {
    expect(now.rounds['10T/3V']!.total).toBeLessThanOrEqual(roundGoal);
  });

  test('at ten Validators a Trainer more takes at most 20,000', () => {
    expect(growthOf(now)).toBeLessThanOrEqual(growthGoal);
  });

  test('no transaction comes near the limit of a transaction', () => {
    for (const { largest } of Object.values(now.rounds)) expect(largest).toBeLessThan(gasLimit);
  });
});

describe('three rounds', () => {
  test('run, punish the dead and the hostile, and every wei is accounted for', slow, async () => {
    const script = [
      '--conditions=source',
      '--disable-warning=ExperimentalWarning',
      join(here, 'scripts/three-rounds.ts'),
    ];
    const { stdout } = await promisify(execFile)(process.execPath, script, { maxBuffer: 1 << 24 });
    expect(stdout.trimEnd().endsWith('Every wei is where it should be.')).toBe(true);

    const amounts = (title: string, account: string) => {
      const section = stdout.slice(stdout.indexOf(`\n${title}\n`));
      const row = section.split('\n').find((text) => text.startsWith(account.padEnd(14)))!;
      return row.slice(14).trim().split(/\s+/);
    };
    // Three rounds of poison within ten cost 1 % of the bond, a missed round half a percent.
    const [nothing, punished] = ['0.000000000000000000', '99.000000000000000000'];
    expect(amounts('After', 'Trainer 10')).toEqual([nothing, punished, nothing]);
    expect(amounts('After', 'Validator 2')[1]).toBe('995.000000000000000000');
    expect(amounts('After', 'Validator 1')[1]).toBe('1000.000000000000000000');
    expect(Number(amounts('After', 'Trainer 1')[0])).toBeGreaterThan(0);
    expect(amounts('After', 'all there is')).toEqual(amounts('Before', 'all there is'));
  });
});

describe('the table of who may call what', () => {
  test('has a row for every function that changes something', slow, async () => {
    const chain = await startChain();
    const table = readFileSync(join(here, 'test/WhoMayCallWhat.t.sol'), 'utf8');
    const missing: string[] = [];
    for (const contract of ['RunLedger', 'BondRegistry', 'RewardVault']) {
      chain.interfaceOf(contract).forEachFunction(({ name, constant }) => {
        if (!constant && !table.includes(`.${name}, (`)) missing.push(`${contract}.${name}`);
      });
    }
    await chain.close();
    expect(missing).toEqual([]);
  });
});

describe('the tally of a rehearsal', () => {
  const votes = fc.array(
    fc.tuple(fc.integer({ min: -5, max: 5 }), fc.bigInt({ min: 1n, max: 9n }), fc.nat(4)),
    {
      minLength: 1,
      maxLength: 12,
    },
  );

  test('has half of the bond up to it, and less than half below it', () => {
    fc.assert(
      fc.property(votes, (list) => {
        const scores = list.map(([score, , dice]) => (dice === 0 ? unavailable : score));
        const bondsWei = list.map(([, bondWei]) => bondWei);
        const bondOf = (which: (score: number) => boolean) =>
          bondsWei.reduce((sum, bondWei, i) => (which(scores[i]!) ? sum + bondWei : sum), 0n);
        const missing = bondOf((score) => score === unavailable);
        const scored = bondOf((score) => score !== unavailable);
        const tally = tallyOf(scores, bondsWei);
        if (tally === unavailable) return missing > scored;
        const below = bondOf((score) => score !== unavailable && score < tally);
        const upTo = bondOf((score) => score !== unavailable && score <= tally);
        return missing <= scored && 2n * below < scored && 2n * upTo >= scored;
      }),
    );
  });
});
