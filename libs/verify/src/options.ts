import type { Chain } from '#libs/ports';
import type { OpenFreshChain } from './chain/fresh-chain.ts';

export interface VerifyOptions {
  /** An EVM of one's own: nothing that the folder says is taken from another. */
  readonly openChain: OpenFreshChain;
  /** A chain on which the run's ledger is, to be held against the folder; whoever opened it closes it. */
  readonly live?: Chain;
  /** What the paths of the run file are relative to: own policies, models and data. This folder by default. */
  readonly root?: string;
  /** Tests the models that were kept once more. Needs the dataset. */
  readonly retest?: boolean;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly what: 'inputs' | 'transactions' | 'blobs' | 'merges';
  readonly done: number;
  readonly total: number;
}
