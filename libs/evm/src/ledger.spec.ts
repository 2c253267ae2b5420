import { afterAll, beforeAll, describe, it } from 'vitest';
import { ledgerCases, watchingCases } from '#libs/ports';
import { type ChainUnderTest, inProcessWorld, jsonRpcWorld } from '#libs/testkit';

const hosts = [
  { host: 'the EVM inside the process', open: inProcessWorld },
  { host: 'a node over JSON-RPC', open: jsonRpcWorld },
];

describe.each(hosts)('a ledger on $host', ({ open }) => {
  let world: ChainUnderTest;
  beforeAll(async () => {
    world = await open();
  });
  afterAll(() => world.close());

  for (const one of [...ledgerCases, ...watchingCases]) it(one.name, () => one.run(world));
});
