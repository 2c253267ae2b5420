import { createHash } from 'node:crypto';
import { openInProcessChain, openJsonRpcChain, type JsonRpcOptions } from '#libs/evm';
import type { Chain, LedgerWorld } from '#libs/ports';
import { openSigner, type Signer } from '#libs/wire';
import { type Anvil, type AnvilOptions, startAnvil } from './anvil.ts';

/** A world for ledgers to be tested in; `close` ends whatever it started. */
export interface ChainUnderTest extends LedgerWorld {
  close(): Promise<void>;
}

const startSeconds = 1_800_000_000;

const signerOf = (name: string): Signer => openSigner(createHash('sha256').update(name).digest());

/** The EVM inside the process; its clock stands until it is told to go on. */
export async function inProcessWorld(): Promise<ChainUnderTest> {
  let nowSeconds = startSeconds;
  const chain = await openInProcessChain({ now: () => nowSeconds });
  return {
    chain,
    signer: (name) => Promise.resolve(signerOf(name)),
    async passTime(timeSeconds) {
      nowSeconds += timeSeconds;
      await chain.mine();
    },
    async mark() {
      const snapshot = await chain.rpc.request('evm_snapshot', []);
      return async () => {
        await chain.rpc.request('evm_revert', [snapshot]);
        nowSeconds += 1; // so that the new block is not the old one
        await chain.mine();
      };
    },
    close: () => chain.close(),
  };
}

/** A world whose chain is another process. */
export interface JsonRpcWorld extends ChainUnderTest {
  readonly anvil: Anvil;
  /** Another process's view of the same chain, as it were; closed with the world. */
  another(options?: Partial<JsonRpcOptions>): Promise<Chain>;
}

/** A chain in another process, over JSON-RPC. */
export async function jsonRpcWorld(options: AnvilOptions = {}): Promise<JsonRpcWorld> {
  const anvil = await startAnvil(options);
  const chains: Chain[] = [];
  const another = async (chainOptions: Partial<JsonRpcOptions> = {}) => {
    const chain = await openJsonRpcChain({ url: anvil.url, pollMs: 10, lostAfterMs: 2_000, ...chainOptions });
    chains.push(chain);
    return chain;
  };
  return {
    anvil,
    another,
    chain: await another(),
    async signer(name) {
      const signer = signerOf(name);
      await anvil.request('anvil_setBalance', signer.address, '0x21e19e0c9bab2400000');
      return signer;
    },
    async passTime(timeSeconds) {
      await anvil.request('evm_increaseTime', timeSeconds);
      await anvil.request('evm_mine');
    },
    async mark() {
      const snapshot = await anvil.request('evm_snapshot');
      return async () => {
        await anvil.request('evm_revert', snapshot);
        await anvil.request('evm_increaseTime', 1);
        await anvil.request('evm_mine');
      };
    },
    async close() {
      for (const chain of chains) await chain.close();
      await anvil.stop();
    },
  };
}
