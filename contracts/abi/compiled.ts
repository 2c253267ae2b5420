import type { InterfaceAbi } from 'ethers';
import * as generated from '../../libs/evm/src/abi/index.ts';
import { origin } from '../../libs/evm/src/abi/origin.ts';
import { digestOfSources } from './sources.ts';

export interface Compiled {
  readonly name: string;
  readonly abi: InterfaceAbi;
  readonly bytecode: string;
}

const { enumerations: _, ...contracts } = generated;
const byName = new Map<string, Compiled>(Object.values(contracts).map((one) => [one.name, one]));
let checked = false;

/**
 * A contract of the product as it is committed in libs/evm, so that whoever only runs contracts needs no compiler.
 * @throws if `contracts/src` has changed since.
 */
export function compiled(name: string): Compiled {
  if (!checked && digestOfSources() !== origin.sources)
    throw new Error('contracts/src changed since it was compiled: run `node bin/run.mjs abi`');
  checked = true;
  const found = byName.get(name);
  if (found === undefined) throw new Error(`there is no contract ${name}`);
  return found;
}
