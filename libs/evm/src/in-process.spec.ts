import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { done } from '#libs/ports';
import { openSigner } from '#libs/wire';
import { type InProcessChain, type MinedTransaction, openInProcessChain } from './in-process.ts';

const signer = openSigner(createHash('sha256').update('owner').digest());

let nowSeconds = 1_800_000_000;
let chain: InProcessChain;
beforeAll(async () => {
  chain = await openInProcessChain({ now: () => nowSeconds });
});
afterAll(() => chain.close());

it('block time is the caller’s, and a clock that stands or goes back does not stop the chain', async () => {
  const ledger = await chain.deployLedger(signer, 1_000n);
  const { token } = ledger.as(signer);
  const times: number[] = [];
  for (const stepSeconds of [0, 0.4, 100, -50, 0]) {
    nowSeconds += stepSeconds;
    times.push(done(await token.mint(signer.address, 1n)).block.timeSeconds - 1_800_000_000);
  }
  expect(times).toEqual([0, 0, 100, 100, 100]);
  nowSeconds += 1_000;
  expect((await chain.mine()).timeSeconds).toBe(Math.floor(nowSeconds));
});

it('the same calls make the same chain, to the hash of its last block', async () => {
  const hashes = [];
  for (let i = 0; i < 2; i++) {
    const twin = await openInProcessChain({ now: () => 1_900_000_000 });
    const ledger = await twin.deployLedger(signer, 1_000n);
    done(await ledger.as(signer).token.mint(signer.address, 7n));
    hashes.push((await ledger.head()).hash);
    await twin.close();
  }
  expect(hashes[0]).toBe(hashes[1]);
});

it('every transaction in a block is told of, one that was refused too: without it the nonces would not follow', async () => {
  const told: MinedTransaction[] = [];
  const now = () => 1_900_000_000;
  const first = await openInProcessChain({ now, onTransaction: (transaction) => told.push(transaction) });
  const stranger = openSigner(createHash('sha256').update('stranger').digest());
  const ledger = await first.deployLedger(signer, 1_000n);
  const refused = await ledger.as(stranger).token.mint(stranger.address, 7n);
  expect(refused).toMatchObject({ kind: 'reverted', name: 'OwnableUnauthorizedAccount' });
  done(await ledger.as(signer).token.mint(stranger.address, 7n));
  expect(told.map(({ block, status }) => [block, status])).toEqual([
    ...[1, 2, 3, 4, 5].map((block) => [block, 'done']),
    [6, 'reverted'],
    [7, 'done'],
  ]);

  const second = await openInProcessChain({ now });
  for (const { raw } of told)
    await second.rpc.request('eth_sendRawTransaction', [raw]).catch(() => undefined);
  expect(await second.stateRoot()).toBe(await first.stateRoot());
  await Promise.all([first.close(), second.close()]);
});

it('a policy may be the user’s own creation code; an unknown name is a fault that lists the known ones', async () => {
  // PUSH1 1 PUSH1 0 RETURN: a contract whose code is one zero byte.
  const policy = await chain.deployPolicy(signer, { creationCode: '0x60016000f3' });
  expect(await chain.rpc.request('eth_getCode', [policy, 'latest'])).toBe('0x00');
  await expect(chain.deployPolicy(signer, { name: 'Fair' })).rejects.toMatchObject({
    code: 'POLICY_UNKNOWN',
    facts: { known: ['ProportionalPolicy', 'EmaPolicy', 'FlatPolicy', 'FlobcPolicy'] },
  });
  const parameters = chain.deployPolicy(signer, { name: 'FlatPolicy' });
  expect(await parameters).toMatch(/^0x[0-9a-f]{40}$/);
});
