import { id, Interface } from 'ethers';
import { expect, expectTypeOf, it } from 'vitest';
import type { LedgerEventKind } from '#libs/ports';
import type { ActorId } from '#libs/protocol';
import type { bondRegistry, rewardVault, runLedger } from '../abi/index.ts';
import { refusalOf } from '../refusals.ts';
import type { ArgumentsOf, EventOf, ReturnOf } from './abi-types.ts';
import { ledgerContract, tokenContract } from './contracts.ts';

type LedgerAbi = (typeof runLedger)['abi'];

const actor: ActorId = `0x${'ab'.repeat(20)}`;

it('the ABI decides the types: small integers, addresses, enumerations', () => {
  expectTypeOf<ArgumentsOf<LedgerAbi, 'joinRun'>[1]>().toEqualTypeOf<'none' | 'trainer' | 'validator'>();
  expectTypeOf<ReturnOf<LedgerAbi, 'stateOf'>['number']>().toEqualTypeOf<number>();
  expectTypeOf<ReturnOf<LedgerAbi, 'runs'>>().toEqualTypeOf<bigint>();
  expectTypeOf<ReturnOf<LedgerAbi, 'sponsorOf'>>().toEqualTypeOf<ActorId>();
});

it('the port has every event of the contracts, and no other', () => {
  type Names = EventOf<LedgerAbi | (typeof bondRegistry)['abi'] | (typeof rewardVault)['abi']>['name'];
  expectTypeOf<LedgerEventKind>().toEqualTypeOf<Uncapitalize<Exclude<Names, 'EIP712DomainChanged'>>>();
});

it('encodes an enumeration by its name', () => {
  const plain = new Interface(['function joinRun(uint256 run, uint8 role)']);
  expect(ledgerContract.encode('joinRun', [3n, 'validator'])).toBe(
    plain.encodeFunctionData('joinRun', [3, 2]),
  );
});

it('decodes addresses in the one spelling that actors have', () => {
  const plain = new Interface(['function sponsorOf(uint256) view returns (address)']);
  const data = plain.encodeFunctionResult('sponsorOf', [actor]) as `0x${string}`;
  expect(ledgerContract.decode('sponsorOf', data)).toBe(actor);
});

it('decodes the errors of all contracts and of the libraries in them', () => {
  const plain = new Interface([
    'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
  ]);
  const data = plain.encodeErrorResult('ERC20InsufficientBalance', [actor, 1, 2]);
  expect(refusalOf('transfer', data)).toEqual({
    kind: 'reverted',
    name: 'ERC20InsufficientBalance',
    args: { sender: actor, balance: 1n, needed: 2n },
  });
});

it.each([
  ['nothing', '0x'],
  ['no data at all', null],
  ['a panic', new Interface(['error Panic(uint256)']).encodeErrorResult('Panic', [17])],
  ['a text', new Interface(['error Error(string)']).encodeErrorResult('Error', ['because'])],
  ['an error of somebody else', '0x12345678'],
  ['an error that is cut off', id('RunLedgerUnknownRun(uint256)').slice(0, 10)],
])('a revert with %s is a fault', (_, data) => {
  expect(() => refusalOf('transfer', data)).toThrow(
    expect.objectContaining({ code: 'CHAIN_REVERTED_UNKNOWN' }) as Error,
  );
});

it('a log of something else is no event', () => {
  const log = { topics: [`0x${'11'.repeat(32)}`], data: '0x' };
  expect(tokenContract.event(log)).toBeNull();
});
