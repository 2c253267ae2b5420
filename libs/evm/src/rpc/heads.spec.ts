import { afterAll, expect, it } from 'vitest';
import type { Block } from '#libs/ports';
import { jsonRpcWorld, startAnvil } from '#libs/testkit';
import { onHeads } from './heads.ts';
import { blockOf, type RawBlock } from './node.ts';

const anvil = await startAnvil();
afterAll(() => anvil.stop());

/** Longer than any test: what is heard in time was not polled. */
const pollMs = 3_600_000;

it('tells of new blocks, and again after the node was away', async () => {
  let heard: (head: Block | null) => void = () => undefined;
  /** The next head that is one, or not one. */
  const next = (isBlock: boolean) =>
    new Promise<Block | null>((resolve) => {
      heard = (head) => {
        if ((head !== null) === isBlock) resolve(head);
      };
    });
  const connected = next(false);
  const end = onHeads(anvil.url.replace('http', 'ws'), (head) => {
    heard(head);
  });
  await connected;
  await next(false); // the answer to the subscription
  const mined = next(true);
  await anvil.request('evm_mine');
  const raw = (await anvil.request('eth_getBlockByNumber', 'latest', false)) as RawBlock;
  expect(await mined).toEqual(blockOf(raw));
  const back = next(false);
  await anvil.kill();
  await anvil.restart();
  await back;
  end();
});

it('wakes those who wait for the chain, long before they would have asked again', async () => {
  const world = await jsonRpcWorld();
  const { addresses } = await world.chain.deployLedger(await world.signer('deployer'), 1n);
  const waiting = await world.another({ headsUrl: world.anvil.url.replace('http', 'ws'), pollMs });
  const { number } = await waiting.head();
  const ledger = await waiting.attach(addresses.ledger);
  const next = ledger
    .watch({ fromBlock: number + 1 })
    [Symbol.asyncIterator]()
    .next();
  await world.anvil.request('evm_mine');
  expect((await next).value).toMatchObject({ kind: 'added', block: { number: number + 1 } });
  await world.close();
});
