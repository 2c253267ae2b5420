import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openJsonRpcChain } from '#libs/evm';
import type { Chain } from '#libs/ports';
import { type Anvil, startAnvil } from '#libs/testkit';
import { sentenceOf } from '#libs/verify';
import { verifyCommand } from '../../apps/cli/src/commands/verify.ts';
import { type Bench, openBench, verify } from './verify.fixture.ts';

// A chain in another process that took the same transactions is held against the folder by --rpc.

let bench: Bench;
let honest: string;
let anvil: Anvil;
let live: Chain;
beforeAll(async () => {
  bench = await openBench();
  honest = await bench.run('honest');
  anvil = await startAnvil();
  live = await openJsonRpcChain({ url: anvil.url, pollMs: 10 });
});
afterAll(async () => {
  await live.close();
  await anvil.stop();
  await bench.close();
});

beforeEach(async () => {
  await anvil.request('anvil_reset');
  // By itself it would mine some time after it has taken a transaction, perhaps together with the next one.
  await anvil.request('evm_setAutomine', false);
  await anvil.request('evm_setTime', recorded()[0]!.timeSeconds);
});

interface Recorded {
  readonly raw: string;
  readonly timeSeconds: number;
}

const recorded = (): Recorded[] =>
  readFileSync(join(honest, 'transactions.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Recorded);

/** Makes of each transaction the block that it was in. Gas is free on the chains of simulations. */
async function send(transactions: readonly Recorded[]): Promise<void> {
  for (const { raw, timeSeconds } of transactions) {
    await anvil.request('anvil_setNextBlockBaseFeePerGas', '0x0');
    await anvil.request('evm_setNextBlockTimestamp', timeSeconds);
    await anvil.request('eth_sendRawTransaction', raw);
    await anvil.request('evm_mine');
  }
}

test('a live chain without the ledger is a fault, one that lacks a block a difference, the whole one verifies', async () => {
  const transactions = recorded();
  await expect(verify(honest, { live })).rejects.toMatchObject({ code: 'CHAIN_CONTRACT_MISSING' });

  await send(transactions.slice(0, -1));
  const early = await verify(honest, { live });
  expect(early.kind === 'differs' && sentenceOf(early.difference)).toMatch(
    /^chain lacks the runFinish\w+ of block 47/,
  );

  await send(transactions.slice(-1));
  let text = '';
  const output = { write: (part: string) => (text += part) };
  const command = verifyCommand(output, output, () => undefined).exitOverride();
  await command.parseAsync([honest, '--files', bench.path('.'), '--rpc', anvil.url], { from: 'user' });
  const plain = stripVTControlCharacters(text);
  expect(plain).toMatch(/^verified/);
  expect(plain).toMatch(/live chain +\d+ {2}events, the same in the same blocks/);
});

test('a block at another time is a difference', async () => {
  const transactions = recorded();
  await send(transactions.map((one, i) => (i < 40 ? one : { ...one, timeSeconds: one.timeSeconds + 1 })));
  const verification = await verify(honest, { live });
  expect(verification.kind === 'differs' && sentenceOf(verification.difference)).toMatch(
    /^chain:\d+ is not as it was executed here: timeSeconds is/,
  );
});
