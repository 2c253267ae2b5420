import {
  bondRegistry,
  emaPolicy,
  flatPolicy,
  flobcPolicy,
  flobcToken,
  proportionalPolicy,
  rewardVault,
  runLedger,
  runSettlement,
} from '../abi/index.ts';
import { type Compiled, Contract } from './contract.ts';
import type { Abi } from './abi-types.ts';

export const ledgerContract = new Contract(runLedger);
export const settlementContract = new Contract(runSettlement);
export const registryContract = new Contract(bondRegistry);
export const vaultContract = new Contract(rewardVault);
export const tokenContract = new Contract(flobcToken);

const policies: readonly Compiled<Abi>[] = [proportionalPolicy, emaPolicy, flatPolicy, flobcPolicy];

/** The policies of the product by their names. */
export const policyContracts: ReadonlyMap<string, Contract<Abi>> = new Map(
  policies.map((policy) => [policy.name, new Contract(policy)]),
);
