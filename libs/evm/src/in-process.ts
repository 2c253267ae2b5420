import { keccak256 } from 'ethers';
import type { Block, Chain } from '#libs/ports';
import type { Digest } from '#libs/protocol';
import type { Hex } from '#libs/wire';
import { openChain } from './chain.ts';
import { Pulse } from './pulse.ts';
import { EvmNode } from './rpc/node.ts';
import { remembered } from './rpc/remembered.ts';
import { revertDataOf, type Rpc, RpcError } from './rpc/rpc.ts';

export interface InProcessOptions {
  /** Block time in Unix seconds, asked before every block; a clock that stands or goes back makes blocks of one time. */
  readonly now: () => number;
  /** Told of every transaction in a block, those that the contracts refused included, in their order. */
  readonly onTransaction?: (transaction: MinedTransaction) => void;
}

/** A transaction as it was signed, and what came of it. */
export interface MinedTransaction {
  readonly raw: Hex;
  readonly hash: Digest;
  readonly block: number;
  readonly timeSeconds: number;
  readonly status: 'done' | 'reverted';
  readonly gasUsed: bigint;
}

interface RawReceipt {
  readonly blockNumber: Hex;
  readonly status: Hex;
  readonly gasUsed: Hex;
}

/** An empty chain in this process, all of whose time is the caller's: every transaction is a block at once. */
export interface InProcessChain extends Chain {
  /** A block without transactions, at the time that it is now: for deadlines that pass while nothing is sent. */
  mine(): Promise<Block>;
  /** Of everything on the chain, after its newest block. */
  stateRoot(): Promise<Digest>;
  /** The EVM's own interface, for what only a test does to a chain. Wake whoever watches by `mine` afterwards. */
  readonly rpc: Rpc;
}

/** Starts Hardhat's EVM, which is loaded only here. It takes about a second. */
export async function openInProcessChain({ now, onTransaction }: InProcessOptions): Promise<InProcessChain> {
  const evm = remembered(await startEvm(now()));
  const pulse = new Pulse(null);
  const node = new EvmNode(evm);
  let lastSeconds = (await node.head()).timeSeconds;

  const tell = async (raw: Hex, timeSeconds: number): Promise<void> => {
    if (onTransaction === undefined) return;
    const hash = keccak256(raw) as Digest;
    const receipt = (await evm.request('eth_getTransactionReceipt', [hash])) as RawReceipt | null;
    if (receipt === null) return; // it was none, and is in no block
    onTransaction({
      raw,
      hash,
      block: Number(receipt.blockNumber),
      timeSeconds,
      status: receipt.status === '0x1' ? 'done' : 'reverted',
      gasUsed: BigInt(receipt.gasUsed),
    });
  };

  // Blocks are made one after the other, each with its time: an EVM that is not told one takes the machine's.
  let making: Promise<unknown> = Promise.resolve();
  const makeBlock = (method: string, params: readonly unknown[]): Promise<unknown> => {
    const made = making.then(async () => {
      lastSeconds = Math.max(lastSeconds, Math.floor(now()));
      await evm.request('evm_setNextBlockTimestamp', [lastSeconds]);
      try {
        return await evm.request(method, params);
      } finally {
        // What a contract refuses is an error here, and in a block all the same.
        if (method === 'eth_sendRawTransaction') await tell(params[0] as Hex, lastSeconds);
      }
    });
    making = made.catch(() => undefined);
    return made;
  };
  const rpc: Rpc = {
    request: (method, params) =>
      method === 'eth_sendRawTransaction' ? makeBlock(method, params) : evm.request(method, params),
    close: () => evm.close(),
  };
  const free = { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n };
  const chain = await openChain({
    rpc,
    pulse,
    asksFirst: false,
    fees: () => Promise.resolve(free),
    depth: 0,
    rewindableBlocks: 64,
    lostAfterMs: 0,
  });
  return Object.assign(chain, {
    rpc,
    async mine() {
      await makeBlock('evm_mine', []);
      pulse.beat();
      return node.head();
    },
    async stateRoot() {
      const block = (await rpc.request('eth_getBlockByNumber', ['latest', false])) as { stateRoot: Digest };
      return block.stateRoot;
    },
  });
}

async function startEvm(timeSeconds: number): Promise<Rpc> {
  const { createHardhatRuntimeEnvironment } = await import('hardhat/hre');
  const environment = await createHardhatRuntimeEnvironment(
    {
      networks: {
        inProcess: {
          type: 'edr-simulated',
          chainType: 'l1',
          hardfork: 'osaka',
          initialDate: new Date(timeSeconds * 1000).toISOString(),
          allowBlocksWithSameTimestamp: true,
          // Gas costs nothing, so that accounts need no coins; it is measured all the same.
          initialBaseFeePerGas: 0,
          accounts: [],
        },
      },
    },
    {},
    import.meta.dirname, // otherwise it looks for a package where the caller happens to be, and there may be none
  );
  const connection = await environment.network.create('inProcess');
  return {
    async request(method, params) {
      try {
        const answer: unknown = await connection.provider.request({ method, params: [...params] });
        return answer;
      } catch (error) {
        throw new RpcError(method, (error as Error).message, revertDataOf(error), error);
      }
    },
    close: () => connection.close(),
  };
}
