import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runSource } from './run-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'flobc-own-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('a run file and a policy of the user, in a folder that is in no package', async () => {
  writeFileSync(
    join(folder, 'Stingy.sol'),
    `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;
import "flobc/policies/FlatPolicy.sol";
contract Stingy is FlatPolicy {}
`,
  );
  writeFileSync(
    join(folder, 'mine.yaml'),
    `name: mine
rounds: 2
model: mlp-200
policy: ./Stingy.sol
data: { dataset: mnist, samplesPerTrainer: 100, samplesPerValidator: 100, testSamples: 100 }
trainers: 2
validators: 3
`,
  );
  const { code, stdout, stderr } = await runSource('apps/cli/src/main.ts', ['run', 'mine.yaml'], {
    cwd: folder,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/finished after 2 rounds/);
  expect(readdirSync(join(folder, 'runs/mine-1-1'))).toContain('summary.json');
});
