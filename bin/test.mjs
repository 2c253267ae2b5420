// `npm test [folder or pattern ...]`: Vitest over everything, then the Solidity tests, then the time by folder
// and, last, because a log of CI is often cut off at its beginning, what failed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { root } from './toolchain.mjs';

const filters = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'flobc-test-'));
const report = join(folder, 'report.json');
const run = (args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;

const seconds = new Map();
const failures = [];
let passed = 0;
let failed = 0;

const vitest = join(root, 'node_modules/vitest/vitest.mjs');
let status = run([
  vitest,
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...filters,
]);
if (existsSync(report)) {
  const results = JSON.parse(readFileSync(report, 'utf8'));
  passed = results.numPassedTests;
  // A file that cannot be imported has no tests, and has failed all the same.
  failed =
    results.numFailedTests +
    results.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
      .length;
  for (const file of results.testResults) {
    const where = relative(root, file.name).split('/').slice(0, 2).join('/');
    seconds.set(where, (seconds.get(where) ?? 0) + (file.endTime - file.startTime) / 1000);
    const name = relative(root, file.name);
    if (file.status === 'failed' && file.assertionResults.length === 0) failures.push([name, file.message]);
    for (const test of file.assertionResults.filter(({ status }) => status === 'failed'))
      failures.push([`${name} > ${test.fullName}`, test.failureMessages.join('\n')]);
  }
}
rmSync(folder, { recursive: true, force: true });

const solidity = existsSync(join(root, 'contracts/hardhat.config.ts'));
if (solidity && (filters.length === 0 || filters.some((filter) => filter.startsWith('contracts')))) {
  const start = performance.now();
  const hardhat = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/hardhat/dist/src/cli.js'),
      '--config',
      'contracts/hardhat.config.ts',
      'test',
      'solidity',
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  process.stdout.write(hardhat.stdout ?? '');
  passed += Number(/(\d+) passing/.exec(hardhat.stdout ?? '')?.[1] ?? 0);
  failed += Number(/(\d+) failing/.exec(hardhat.stdout ?? '')?.[1] ?? 0);
  status ||= hardhat.status ?? 1;
  seconds.set('contracts (Solidity)', (performance.now() - start) / 1000);
}

console.log('\nSeconds by folder:');
for (const [where, time] of [...seconds].sort((a, b) => b[1] - a[1]))
  console.log(`${time.toFixed(1).padStart(8)}  ${where}`);
for (const [name, message] of failures)
  console.log(`\nFAILED ${name}\n${message.split('\n').slice(0, 40).join('\n')}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(status);
