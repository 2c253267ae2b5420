import { Interface, Wallet } from 'ethers';
import { expect, test } from 'vitest';
import * as contracts from '../../libs/evm/src/abi/index.ts';
import type { Hex } from '#libs/wire';
import {
  deployment,
  operationOf,
  operations,
  unknownOperation,
} from '../../libs/experiment/src/results/operations.ts';

test("the table is that of the contracts' ABIs", () => {
  const found: Record<string, string> = {};
  for (const contract of Object.values(contracts)) {
    if (!('abi' in contract)) continue;
    new Interface(contract.abi).forEachFunction(({ selector, name, stateMutability }) => {
      if (stateMutability !== 'view' && stateMutability !== 'pure') found[selector] = name;
    });
  }
  expect(operations).toEqual(found);
});

const wallet = new Wallet(`0x${'11'.repeat(32)}`);
const signed = async (fields: object) =>
  (await wallet.signTransaction({ chainId: 31_337, nonce: 7, gasLimit: 1_000_000, ...fields })) as Hex;
const to = `0x${'22'.repeat(20)}`;

test.each([0, 1, 2])('of a signed transaction of type %i', async (type) => {
  const price = type === 2 ? { maxFeePerGas: 2n ** 40n, maxPriorityFeePerGas: 1n } : { gasPrice: 2n ** 40n };
  for (const length of [4, 36, 60, 1000, 70_000]) {
    const data = `0xa71c3c2b${'00'.repeat(length - 4)}`;
    expect(operationOf(await signed({ type, to, data, ...price }))).toBe('settle');
  }
  expect(operationOf(await signed({ type, to, data: '0x12345678', ...price }))).toBe(unknownOperation);
  expect(operationOf(await signed({ type, data: '0x6080', ...price }))).toBe(deployment);
});

test('what is no transaction is another one', () => {
  for (const raw of ['0x02', '0x02f8', '0x00', '0xc0', '0x02f90400aa'] as const)
    expect(operationOf(raw)).toBe(unknownOperation);
});
