import type { ActorId } from '#libs/protocol';
import type { Signer } from '#libs/wire';
import { sendingOn } from './chain.ts';
import { revertedUnknown } from './faults.ts';
import { hostAt, type JsonRpcOptions } from './json-rpc.ts';
import { EvmNode } from './rpc/node.ts';
import { AccountQueue } from './sending/account.ts';

/** The coins of a chain itself, which pay for gas. */
export interface Coins {
  balanceOf(account: ActorId): Promise<bigint>;
  /** What a transaction offers for a unit of gas, at most, by the newest block. */
  weiPerGas(): Promise<bigint>;
  /** Pays one account after the other. @throws Fault CHAIN_GAS_UNFUNDED */
  send(from: Signer, payments: ReadonlyMap<ActorId, bigint>): Promise<void>;
  close(): Promise<void>;
}

export async function openCoins(options: JsonRpcOptions): Promise<Coins> {
  const host = hostAt(options);
  const node = new EvmNode(host.rpc);
  const sending = sendingOn(host, node, await node.chainId());
  return {
    balanceOf: (account) => node.balanceOf(account),
    weiPerGas: async () => (await host.fees()).maxFeePerGas,
    async send(from, payments) {
      const queue = new AccountQueue(from, sending);
      const sent = [...payments].map(async ([to, value]) => {
        const executed = await queue.execute('a payment', { to, data: '0x', value });
        if (executed.kind === 'reverted') throw revertedUnknown(`A payment to ${to}`, executed.name);
      });
      await Promise.all(sent);
    },
    async close() {
      host.pulse.close();
      await host.rpc.close();
    },
  };
}
