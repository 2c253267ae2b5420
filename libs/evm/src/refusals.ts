import type { Refused } from '#libs/ports';
import {
  policyContracts,
  ledgerContract,
  registryContract,
  settlementContract,
  tokenContract,
  vaultContract,
} from './contract/contracts.ts';
import { revertedUnknown } from './faults.ts';

const contracts = [
  ledgerContract,
  settlementContract,
  registryContract,
  vaultContract,
  tokenContract,
  ...policyContracts.values(),
];

/**
 * The custom error in revert data. Decoded here, because ethers leaves the errors of sent transactions undecoded.
 * @throws Fault CHAIN_REVERTED_UNKNOWN if it is none of the contracts'.
 */
export function refusalOf(what: string, data: string | null, cause?: unknown): Refused {
  for (const contract of data === null ? [] : contracts) {
    const error = contract.error(data!);
    if (error !== null) return { kind: 'reverted', ...error };
  }
  throw revertedUnknown(what, data, cause);
}
