import type { OpenFreshChain } from './chain/fresh-chain.ts';
import type { Chain } from '#libs/ports';
import { Checking } from './checking.ts';
import type { Difference } from './difference.ts';
import { differenceIn } from './folder.ts';
import type { Report } from './report.ts';

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

export type Verification = Report &
  ({ readonly kind: 'verified' } | { readonly kind: 'differs'; readonly difference: Difference });

/**
 * Checks a run folder against nothing but itself, the seed in it and this version of the product: executes its
 * transactions once more, checks every signature, follows the protocol, and merges what was merged. Stops at the first
 * difference.
 *
 * @throws Fault `RUN_FOLDER_INVALID` without a run in the folder, `RUN_UNVERIFIABLE` for a run that vouches for nothing
 */
export async function verifyRunFolder(path: string, options: VerifyOptions): Promise<Verification> {
  const checking = new Checking(path, options);
  try {
    await checking.run();
    return { kind: 'verified', ...checking.report };
  } catch (error) {
    const found = differenceIn(error, path);
    if (found === null) throw error;
    return { kind: 'differs', difference: found.difference, ...checking.report };
  } finally {
    await checking.close();
  }
}
