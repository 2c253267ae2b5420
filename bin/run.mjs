// What stands behind `npm start`, `npm test` and the other commands of package.json: each sets up what it needs first.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, setUp } from './setup.mjs';
import { announce, collector, root } from './toolchain.mjs';

const [task, ...rest] = process.argv.slice(2);

const bin = (path) => join(root, 'node_modules', path);
const source = ['--conditions=source', '--disable-warning=ExperimentalWarning'];
/** Runs as those of the product are. */
const simulation = [...collector, ...source];
const eslint = [bin('eslint/bin/eslint.js'), '--max-warnings=0'];
const prettier = [bin('prettier/bin/prettier.cjs')];

/** Commands of each task, run in order under the project's Node until one fails. */
const tasks = {
  start: {
    withBuild: true,
    commands: [
      [...collector, 'dist/apps/cli/src/main.js', 'up', '--exit', '--yes', '--or-simulate', ...rest],
    ],
  },
  // Networks that tests start are of built programs; a build that is up to date takes no time.
  test: { withBuild: true, commands: [['bin/test.mjs', ...rest]] },
  lint: { commands: [[...eslint, '.']] },
  'format:check': { commands: [[...prettier, '--check', '--log-level=warn', '.']] },
  format: {
    commands: [
      [...eslint, '--fix', '.'],
      [...prettier, '--write', '--log-level=warn', '.'],
    ],
  },
  types: { commands: [[bin('typescript/bin/tsc'), '-p', 'tsconfig.json']] },
  imports: {
    commands: [[bin('dependency-cruiser/bin/dependency-cruiser.mjs'), 'apps', 'libs', 'test', 'bench']],
  },
  bench: {
    withBuild: true,
    commands: [[...simulation, `bench/${rest[0] ?? 'learning'}/main.ts`, ...rest.slice(1)]],
  },
  // The merges' golden digests, also on the other Node of the supported range: `npm run golden -- 24`.
  golden: {
    major: rest[0] && Number(rest[0]),
    commands: [[...source, 'test/parity/golden-digests.ts', '--check']],
  },
  // A thousand seeded runs of the protocol under faults; --seed N replays one.
  soak: { commands: [[...source, 'test/soak/main.ts', ...rest]] },
  // Small simulated runs with faults and hostile actors; --seed N replays one, --seeds N runs so many.
  'simulate-soak': { commands: [[...simulation, 'test/simulation/main.ts', ...rest]] },
  // One run file over several seeds: FILE --seeds 1-20 [--set key=value].
  campaign: { commands: [[...simulation, 'test/simulation/campaign.ts', ...rest]] },
  // Gas by operation and by round: writes contracts/snapshots/gas.json and docs/results/gas.md.
  gas: { commands: [[...source, 'contracts/gas/main.ts', ...rest]] },
  // After a change of the contracts: writes libs/evm/src/abi.
  abi: { commands: [[...source, 'contracts/abi/main.ts', ...rest]] },
  'three-rounds': { commands: [[...source, 'contracts/scripts/three-rounds.ts', ...rest]] },
  setup: { withBuild: true, commands: [] },
  build: { commands: [] },
};

if (!Object.hasOwn(tasks, task)) {
  announce(`unknown task "${task ?? ''}"; there are: ${Object.keys(tasks).join(', ')}`);
  process.exit(2);
}

const { withBuild = false, major, commands } = tasks[task];
const tools = setUp({ withBuild, major });
if (task === 'build') build(tools, { force: true });

for (const command of commands) {
  const { status, error } = spawnSync(tools.node, command, { cwd: root, env: tools.env, stdio: 'inherit' });
  if (error) announce(error.message);
  if (status !== 0) process.exit(status ?? 1);
}
