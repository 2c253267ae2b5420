import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHardhatRuntimeEnvironment } from 'hardhat/hre';
import { expect, test } from 'vitest';
import config from '../hardhat.config.ts';

const here = dirname(fileURLToPath(import.meta.url));

interface Entry {
  type: string;
  name?: string;
  stateMutability?: string;
}

test(
  'the table of who may call what has a row for every function that changes something',
  { timeout: 600_000 },
  async () => {
    const hre = await createHardhatRuntimeEnvironment(config, {}, join(here, '../..'));
    await hre.tasks.getTask('build').run({ quiet: true, noTests: true });
    const table = readFileSync(join(here, 'WhoMayCallWhat.t.sol'), 'utf8');
    const missing: string[] = [];
    for (const contract of ['RunLedger', 'BondRegistry', 'RewardVault']) {
      const { abi } = (await hre.artifacts.readArtifact(contract)) as unknown as { abi: Entry[] };
      for (const { type, name, stateMutability } of abi) {
        if (type !== 'function' || stateMutability === 'view' || stateMutability === 'pure') continue;
        if (!table.includes(`.${name!}, (`)) missing.push(`${contract}.${name!}`);
      }
    }
    expect(missing).toEqual([]);
  },
);
