import type { Block } from '#libs/ports';
import type { ActorId, Digest } from '#libs/protocol';
import type { Hex } from '#libs/wire';
import type { Rpc } from './rpc.ts';

export interface Log {
  readonly address: ActorId;
  readonly topics: readonly string[];
  readonly data: string;
  readonly transaction: Digest;
  readonly logIndex: number;
  readonly blockNumber: number;
  readonly blockHash: Digest;
}

export interface Receipt {
  readonly succeeded: boolean;
  readonly blockNumber: number;
  readonly blockHash: Digest;
  readonly gasUsed: bigint;
  /** Of a deployment. */
  readonly created: ActorId | null;
  readonly logs: readonly Log[];
}

export interface Call {
  readonly from?: ActorId;
  readonly to?: ActorId;
  readonly data: Hex;
  readonly gas?: bigint;
  readonly value?: bigint;
}

export type BlockTag = number | 'latest' | { readonly hash: Digest };

/** What is asked of an Ethereum node, as values. https://ethereum.github.io/execution-apis/ */
export class EvmNode {
  readonly #rpc: Rpc;

  constructor(rpc: Rpc) {
    this.#rpc = rpc;
  }

  async chainId(): Promise<bigint> {
    return BigInt(await this.#ask('eth_chainId'));
  }

  async block(which: number | 'latest'): Promise<Block | null> {
    return blockOf(
      (await this.#rpc.request('eth_getBlockByNumber', [tagOf(which), false])) as RawBlock | null,
    );
  }

  async head(): Promise<Block> {
    return (await this.block('latest'))!;
  }

  async baseFeeWei(): Promise<bigint> {
    const block = (await this.#rpc.request('eth_getBlockByNumber', ['latest', false])) as {
      baseFeePerGas?: string;
    };
    return BigInt(block.baseFeePerGas ?? 0);
  }

  async call(call: Call, at: BlockTag): Promise<Hex> {
    return (await this.#rpc.request('eth_call', [rawCall(call), tagOf(at)])) as Hex;
  }

  async estimateGas(call: Call): Promise<bigint> {
    return BigInt((await this.#rpc.request('eth_estimateGas', [rawCall(call)])) as string);
  }

  async balanceOf(account: ActorId): Promise<bigint> {
    return BigInt((await this.#rpc.request('eth_getBalance', [account, 'latest'])) as string);
  }

  async codeAt(address: ActorId): Promise<Hex> {
    return (await this.#rpc.request('eth_getCode', [address, 'latest'])) as Hex;
  }

  /** Transactions of an account in blocks, or in blocks and waiting. */
  async nonceOf(account: ActorId, tag: 'latest' | 'pending'): Promise<number> {
    return Number(await this.#rpc.request('eth_getTransactionCount', [account, tag]));
  }

  async sendRaw(signed: Hex): Promise<void> {
    await this.#rpc.request('eth_sendRawTransaction', [signed]);
  }

  /** True if the node has the transaction, in a block or waiting for one. */
  async knows(transaction: Digest): Promise<boolean> {
    return (await this.#rpc.request('eth_getTransactionByHash', [transaction])) !== null;
  }

  async receipt(transaction: Digest): Promise<Receipt | null> {
    const raw = (await this.#rpc.request('eth_getTransactionReceipt', [transaction])) as RawReceipt | null;
    if (typeof raw?.blockHash !== 'string') return null;
    return {
      succeeded: Number(raw.status) === 1,
      blockNumber: Number(raw.blockNumber),
      blockHash: raw.blockHash,
      gasUsed: BigInt(raw.gasUsed),
      created: raw.contractAddress === null ? null : lowered(raw.contractAddress),
      logs: raw.logs.map(logOf),
    };
  }

  /** Logs of these contracts in one block, by its hash, or in a range of blocks. */
  async logs(
    addresses: readonly ActorId[],
    where: { readonly blockHash: Digest } | { readonly fromBlock: number; readonly toBlock: number },
  ): Promise<Log[]> {
    const range =
      'blockHash' in where ? where : { fromBlock: tagOf(where.fromBlock), toBlock: tagOf(where.toBlock) };
    const raw = (await this.#rpc.request('eth_getLogs', [{ ...range, address: addresses }])) as RawLog[];
    return raw.map(logOf);
  }

  async #ask(method: string): Promise<string> {
    return (await this.#rpc.request(method, [])) as string;
  }
}

interface RawLog {
  address: string;
  topics: string[];
  data: string;
  transactionHash: Digest;
  logIndex: string;
  blockNumber: string;
  blockHash: Digest;
}

interface RawReceipt {
  status: string;
  blockNumber: string;
  blockHash: Digest | null;
  gasUsed: string;
  contractAddress: string | null;
  logs: RawLog[];
}

export interface RawBlock {
  number: string;
  hash: Digest;
  parentHash: Digest;
  timestamp: string;
}

const lowered = (address: string): ActorId => address.toLowerCase() as ActorId;
const quantity = (value: number | bigint): string => `0x${value.toString(16)}`;

function tagOf(tag: BlockTag): unknown {
  if (typeof tag === 'number') return quantity(tag);
  return tag === 'latest' ? tag : { blockHash: tag.hash };
}

const rawCall = ({ gas, value, ...call }: Call) => ({
  ...call,
  ...(gas !== undefined && { gas: quantity(gas) }),
  ...(value !== undefined && { value: quantity(value) }),
});

export function blockOf(raw: RawBlock | null): Block | null {
  if (raw === null) return null;
  const { number, hash, parentHash, timestamp } = raw;
  return { number: Number(number), hash, parentHash, timeSeconds: Number(timestamp) };
}

const logOf = (raw: RawLog): Log => ({
  address: lowered(raw.address),
  topics: raw.topics,
  data: raw.data,
  transaction: raw.transactionHash,
  logIndex: Number(raw.logIndex),
  blockNumber: Number(raw.blockNumber),
  blockHash: raw.blockHash,
});
