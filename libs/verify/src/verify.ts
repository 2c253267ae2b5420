import { Checking } from './checking.ts';
import type { Difference } from './difference.ts';
import { differenceIn } from './folder.ts';
import type { VerifyOptions } from './options.ts';
import type { Report } from './report.ts';

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
