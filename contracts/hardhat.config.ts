import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'hardhat/config';

const here = dirname(fileURLToPath(import.meta.url));

// Fuzz and invariant runs; a nightly job sets 10000.
const runs = Number(process.env['FLOBC_SOLIDITY_RUNS'] ?? 256);

export default defineConfig({
  solidity: {
    version: '0.8.37',
    // The compiler is the npm package `solc`, so that a build downloads nothing.
    path: join(here, '../node_modules/solc/soljson.js'),
    preferWasm: true,
    settings: {
      evmVersion: 'osaka',
      viaIR: true,
      optimizer: { enabled: true, runs: 200 },
    },
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
