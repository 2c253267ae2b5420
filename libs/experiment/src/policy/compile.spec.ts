import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import hardhat from '../../../../contracts/hardhat.config.ts';
import { parseRunFile } from '../run-file/load.ts';
import { checkPlan } from '../plan/check.ts';
import { compilePolicy, compilerSettings } from './compile.ts';

let folder: string;
const file = (name: string) => join(folder, name);

const head = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;
import {IPolicy, Outcome, Round} from "flobc/interfaces/IPolicy.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Half} from "./Half.sol";
`;
const evaluate = 'function evaluate(Round calldata) external pure returns (Outcome memory outcome) {}';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flobc-policy-'));
  writeFileSync(
    file('Half.sol'),
    'pragma solidity ^0.8.28;\nlibrary Half { function half(uint256 x) internal pure returns (uint256) { return x / 2; } }',
  );
  writeFileSync(
    file('Fair.sol'),
    `${head}contract Fair is IPolicy {
  uint32 private immutable _trust;
  constructor(uint32 trust) { _trust = uint32(Math.min(trust, Half.half(2e9))); }
  function initialTrust() external view returns (uint32) { return _trust; }
  ${evaluate}
}
contract Other { }`,
  );
  writeFileSync(
    file('Wrong.sol'),
    `${head}contract Wrong is IPolicy {\n  uint256 x = never;\n  // é\n  int8 y = nothing;\n}`,
  );
  writeFileSync(file('Missing.sol'), 'pragma solidity ^0.8.28;\nimport "./None.sol";\ncontract Missing { }');
  writeFileSync(
    file('Odd.sol'),
    'pragma solidity ^0.8.28;\ncontract Odd { function initialTrust() external {} }',
  );
  writeFileSync(file('Bare.sol'), `${head}abstract contract Bare is IPolicy { }`);
  writeFileSync(file('Two.sol'), 'pragma solidity ^0.8.28;\ncontract A { }\ncontract B { }');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('is compiled as the policies of the product are', () => {
  const [compiler] = (hardhat.solidity as { compilers: { settings: unknown }[] }).compilers;
  expect(compilerSettings).toEqual(compiler!.settings);
});

test('a policy of the user imports the product, OpenZeppelin and its neighbours; arguments are appended', async () => {
  const one = await compilePolicy(file('Fair.sol'), [5]);
  const two = await compilePolicy(file('Fair.sol'), [6]);
  expect(one.name).toBe('Fair');
  expect(one.creationCode).toMatch(/^0x60[0-9a-f]+$/);
  expect(one.creationCode.slice(-64)).toBe('5'.padStart(64, '0'));
  expect(two.creationCode.slice(0, -64)).toBe(one.creationCode.slice(0, -64));
  await expect(compilePolicy(file('Fair.sol'), [])).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining('the constructor takes uint32 trust; 0 are given') as string,
  });
});

describe('what cannot be used is a fault with the place', () => {
  test.each([
    ['Wrong.sol', [/Wrong\.sol:7:15 {2}Undeclared identifier/, /Wrong\.sol:9:12 {2}Undeclared identifier/]],
    ['Missing.sol', [/Missing\.sol:2:1 {2}Source ".*None\.sol" not found/]],
    ['Odd.sol', [/Odd is no policy: it lacks evaluate of IPolicy/]],
    ['Bare.sol', [/has no contract that can be deployed/]],
    ['Two.sol', [/has A, B/]],
    ['None.sol', [/no such file/]],
  ])('%s', async (name, patterns) => {
    const fault = (await compilePolicy(file(name)).catch((error: unknown) => error)) as Error;
    expect(fault).toMatchObject({ code: 'POLICY_NOT_COMPILED' });
    for (const pattern of patterns) expect(fault.message).toMatch(pattern);
  });

  test('and a problem of the plan', async () => {
    const text = 'name: test\npolicy: Wrong.sol\ndata: { samplesPerTrainer: 10 }';
    const { plan } = await parseRunFile(text, { file: 'run.yaml', folder });
    const { problems } = await checkPlan(plan, folder);
    expect(problems).toEqual([
      { path: 'policy.name', message: expect.stringContaining('Undeclared identifier') as string },
    ]);
  });
});
