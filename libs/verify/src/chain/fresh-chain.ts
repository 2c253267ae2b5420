import type { TransactionRecord } from '#libs/experiment';
import type { Chain } from '#libs/ports';
import type { Digest } from '#libs/protocol';

/** An empty chain in this process that makes a block of every transaction, at the time that `now` says. */
export interface FreshChain extends Chain {
  /** Of everything on the chain, after its newest block. */
  stateRoot(): Promise<Digest>;
  readonly rpc: { request(method: string, params: readonly unknown[]): Promise<unknown> };
}

export type OpenFreshChain = (world: {
  /** Unix seconds. */
  readonly now: () => number;
  /** Told of every transaction in a block, in order. */
  readonly onTransaction: (transaction: TransactionRecord) => void;
}) => Promise<FreshChain>;
