import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'hardhat/config';
import type { HardhatPlugin } from 'hardhat/types/plugins';

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
  .filter((file) => file.endsWith('.sol') && !file.startsWith('policies'))
  .map((file) => [`contracts/test/${file}`, solc(false)] as const);

// Where a round spends its gas there is room below the size limit for code that is longer and faster.
const hot = ['RunSettlement', 'RewardVault', 'policies/ProportionalPolicy'].map(
  (name) => [`contracts/src/${name}.sol`, solc(true, 1_000_000)] as const,
);

/**
 * Hardhat compiles files together whose settings are one object, and makes an object of its own for each override. Equal
 * settings become one here: three runs of the compiler instead of one for every test file.
 */
const together: HardhatPlugin = {
  id: 'flobc-compile-together',
  hookHandlers: {
    config: () =>
      Promise.resolve({
        default: () =>
          Promise.resolve({
            async resolveUserConfig(userConfig, resolveVariable, next) {
              const config = await next(userConfig, resolveVariable);
              for (const profile of Object.values(config.solidity.profiles)) {
                const first = new Map(profile.compilers.map((one) => [JSON.stringify(one), one]));
                for (const [file, one] of Object.entries(profile.overrides)) {
                  const settings = JSON.stringify(one);
                  first.set(settings, first.get(settings) ?? one);
                  profile.overrides[file] = first.get(settings)!;
                }
              }
              return config;
            },
          }),
      }),
  },
};

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
