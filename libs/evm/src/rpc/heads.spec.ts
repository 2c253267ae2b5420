import { afterAll, expect, it } from 'vitest';
import { jsonRpcWorld, startAnvil } from '#libs/testkit';
import { onHeads } from './heads.ts';

const anvil = await startAnvil();
afterAll(() => anvil.stop());

/** Longer than any test: what is heard in time was not polled. */
const pollMs = 3_600_000;

it('tells of new blocks, and again after the node was away', async () => {
  let heads = 0;
  let wake: () => void = () => undefined;
  const next = () => new Promise<void>((resolve) => (wake = resolve));
  const connected = next();
  const end = onHeads(anvil.url.replace('http', 'ws'), () => {
    heads++;
    wake();
  });
  await connected;
  const mined = next();
  await anvil.request('evm_mine');
  await mined;
  const back = next();
  await anvil.kill();
  await anvil.restart();
  await back;
  expect(heads).toBeGreaterThanOrEqual(3);
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
