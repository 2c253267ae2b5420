import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getAddress, Interface, toBeHex, type LogDescription, type Result } from 'ethers';
import { createHardhatRuntimeEnvironment } from 'hardhat/hre';
import { compiled } from '../abi/compiled.ts';
import config from '../hardhat.config.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Most gas that one transaction of a rehearsal may use: what `settle` in chunks has to stay under. */
export const gasLimit = 16_000_000;

export interface Sent {
  gas: number;
  events: LogDescription[];
  /** Address of the contract, if the transaction deployed one. */
  created: string | null;
}

interface TransactionReceipt {
  gasUsed: string;
  contractAddress: string | null;
  logs: { address: string; topics: string[]; data: string }[];
}

/** An EVM inside this process, in which every account may send and time stands still between blocks. */
export interface Chain {
  interfaceOf(contract: string): Interface;
  /** Deploys a contract of `contracts/src`. */
  deploy(contract: string, from: string, constructorArguments: readonly unknown[]): Promise<string>;
  /** @throws with the name and the facts of the custom error if the transaction is refused. */
  send(
    from: string,
    to: string,
    abi: Interface,
    name: string,
    callArguments: readonly unknown[],
  ): Promise<Sent>;
  call(to: string, abi: Interface, name: string, callArguments: readonly unknown[]): Promise<Result>;
  /** Gives an account without a key what it needs to send. */
  admit(account: string): Promise<void>;
  pass(timeSeconds: number): Promise<void>;
  nonceOf(account: string): Promise<number>;
  close(): Promise<void>;
}

/** Starts an empty chain. */
export async function startChain(): Promise<Chain> {
  const hre = await createHardhatRuntimeEnvironment(config, {}, root);
  const connection = await hre.network.create({ network: 'inProcess' });
  const request = async (method: string, ...params: unknown[]): Promise<unknown> =>
    connection.provider.request({ method, params });
  /** Like `request`; a refusal by a contract carries the name of its error. */
  const ask = async (abi: Interface | null, method: string, ...params: unknown[]): Promise<unknown> => {
    try {
      return await request(method, ...params);
    } catch (error) {
      throw named(error, abi);
    }
  };

  const execute = async (transaction: Record<string, unknown>, abi: Interface | null): Promise<Sent> => {
    const hash = await ask(abi, 'eth_sendTransaction', { gas: toBeHex(gasLimit), ...transaction });
    const receipt = (await request('eth_getTransactionReceipt', hash)) as TransactionReceipt;
    const events = receipt.logs.map((log) => abi?.parseLog(log) ?? null).filter((event) => event !== null);
    return { gas: Number(receipt.gasUsed), events, created: receipt.contractAddress };
  };

  const chain: Chain = {
    interfaceOf: (contract) => new Interface(compiled(contract).abi),
    async deploy(contract, from, constructorArguments) {
      const { abi, bytecode } = compiled(contract);
      const encoded = new Interface(abi).encodeDeploy(constructorArguments);
      const { created } = await execute({ from, data: bytecode + encoded.slice(2) }, null);
      if (created === null) throw new Error(`${contract} was not deployed`);
      return getAddress(created);
    },
    send(from, to, abi, name, callArguments) {
      return execute({ from, to, data: abi.encodeFunctionData(name, callArguments) }, abi);
    },
    async call(to, abi, name, callArguments) {
      const data = abi.encodeFunctionData(name, callArguments);
      const answer = await ask(abi, 'eth_call', { to, data, gas: toBeHex(gasLimit) }, 'latest');
      return abi.decodeFunctionResult(name, answer as string);
    },
    async admit(account) {
      await request('hardhat_impersonateAccount', account);
      await request('hardhat_setBalance', account, toBeHex(10n ** 22n));
    },
    async pass(timeSeconds) {
      await request('evm_increaseTime', timeSeconds);
    },
    async nonceOf(account) {
      return Number(await request('eth_getTransactionCount', account, 'latest'));
    },
    close: () => connection.close(),
  };
  return chain;
}

/** The custom error behind a refused transaction, by its name; the error itself if it is not one of ours. */
function named(error: unknown, abi: Interface | null): unknown {
  const data = (error as { data?: unknown }).data;
  const raw = typeof data === 'string' ? data : (data as { data?: string } | undefined)?.data;
  const parsed = raw === undefined ? null : (abi?.parseError(raw) ?? null);
  return parsed === null
    ? error
    : new Error(`${parsed.name}(${parsed.args.map(String).join(', ')})`, { cause: error });
}
