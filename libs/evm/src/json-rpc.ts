import type { Chain } from '#libs/ports';
import { type Host, openChain } from './chain.ts';
import { Pulse } from './pulse.ts';
import { onHeads } from './rpc/heads.ts';
import { httpRpc } from './rpc/http.ts';
import { EvmNode } from './rpc/node.ts';
import { patient } from './rpc/patient.ts';

export interface JsonRpcOptions {
  readonly url: string;
  /** Blocks that must be on top of a transaction's before it counts as done. */
  readonly depth?: number;
  /** Blocks below the newest in which a reorganisation is still expected. */
  readonly rewindableBlocks?: number;
  /** How often the node is asked whether there is something new, while anybody waits for it. */
  readonly pollMs?: number;
  /** Where the node tells of new blocks by itself (WebSocket): what is polled besides is only for when it does not. */
  readonly headsUrl?: string;
  /** How long one request may take. */
  readonly requestMs?: number;
  /** How long a node that does not answer is asked again, before that is a fault. */
  readonly patienceMs?: number;
  /** How long a node may count a transaction before it can show it. */
  readonly lostAfterMs?: number;
  /** What a transaction offers on top of the base fee. */
  readonly tipWeiPerGas?: bigint;
  /** Told what every transaction that is in a block has used, also of one that was refused there. */
  readonly onSpent?: (operation: string, gasUsed: bigint) => void;
}

/** A chain behind a JSON-RPC URL: a local node that keeps its state, or any EVM chain from the Osaka fork on. */
export async function openJsonRpcChain(options: JsonRpcOptions): Promise<Chain> {
  return openChain(hostAt(options));
}

export function hostAt({
  url,
  depth = 0,
  rewindableBlocks = 64,
  pollMs = 250,
  headsUrl,
  requestMs = 10_000,
  patienceMs = 60_000,
  lostAfterMs = 10_000,
  tipWeiPerGas = 1_000_000_000n,
  onSpent,
}: JsonRpcOptions): Host {
  const rpc = patient(httpRpc(url, requestMs), { patienceMs, retryMs: pollMs });
  const node = new EvmNode(rpc);
  const pulse = new Pulse(pollMs);
  if (headsUrl !== undefined) pulse.onClose(onHeads(headsUrl, pulse.beat.bind(pulse)));
  return {
    rpc,
    pulse,
    asksFirst: true,
    // Twice the base fee pays for six full blocks in a row, each of which raises it by an eighth.
    fees: async () => ({
      maxFeePerGas: 2n * (await node.baseFeeWei()) + tipWeiPerGas,
      maxPriorityFeePerGas: tipWeiPerGas,
    }),
    depth,
    rewindableBlocks,
    lostAfterMs,
    ...(onSpent && { onSpent }),
  };
}
