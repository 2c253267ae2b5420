import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'hardhat/config';
import { together } from './compile-together.ts';

const here = dirname(fileURLToPath(import.meta.url));

// Fuzz and invariant runs; a nightly job sets 10000.
const runs = Number(process.env.FLOBC_SOLIDITY_RUNS ?? 256);

const solc = (viaIR: boolean, optimizerRuns = 200) => ({
  version: '0.8.37',
  // The compiler is the npm package `solc`, so that a build downloads nothing.
  path: join(here, '../node_modules/solc/soljson.js'),
  preferWasm: true,
  settings: { evmVersion: 'osaka', viaIR, optimizer: { enabled: true, runs: optimizerRuns } },
});

// The IR pipeline makes the ledger a third smaller and takes six times as long to compile. Tests deploy the product's
// own artifacts (`vm.getCode`), so they need not pay for it themselves.
const tests = readdirSync(join(here, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.sol'))
  .map((file) => [`contracts/test/${file}`, solc(false)] as const);

// Where a round spends its gas there is room below the size limit for code that is longer and faster.
const hot = ['RunSettlement', 'RewardVault', 'policies/ProportionalPolicy'].map(
  (name) => [`contracts/src/${name}.sol`, solc(true, 1_000_000)] as const,
);

export default defineConfig({
  plugins: [together],
  solidity: {
    preferWasm: true,
    compilers: [solc(true)],
    overrides: Object.fromEntries([...hot, ...tests]),
  },
  paths: {
    sources: join(here, 'src'),
    tests: { solidity: join(here, 'test') },
    artifacts: join(here, 'artifacts'),
    cache: join(here, 'cache'),
  },
  networks: {
    // The chain inside the process: for scripts, the gas snapshot and the simulator.
    inProcess: { type: 'edr-simulated', chainType: 'l1', hardfork: 'osaka' },
  },
  test: {
    solidity: {
      fuzz: { runs },
      invariant: { runs, depth: 24, failOnRevert: true },
      fsPermissions: { readFile: [join(here, '../test/vectors/tally.json')] },
    },
  },
});
