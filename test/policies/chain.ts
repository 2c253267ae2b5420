import { join } from 'node:path';
import { concat, Interface } from 'ethers';
import { createHardhatRuntimeEnvironment, importUserConfig } from 'hardhat/hre';
import { compiled } from '../../contracts/abi/compiled.ts';
import type { Outcome, Round } from './paper.ts';

const contracts = join(import.meta.dirname, '../../contracts');

/** A policy contract on an EVM inside the process. */
export interface DeployedPolicy {
  initialTrust(): Promise<number>;
  evaluate(round: Round): Promise<Outcome>;
  /** Gas of a transaction that calls `evaluate`: the call's data and the 21,000 of any transaction included. */
  gas(round: Round): Promise<bigint>;
}

type PolicyName = 'ProportionalPolicy' | 'EmaPolicy' | 'FlatPolicy' | 'FlobcPolicy';

/** The product's policies as they are committed, on a chain of their own. */
export async function startChain() {
  const config = await importUserConfig(join(contracts, 'hardhat.config.ts'));
  const hre = await createHardhatRuntimeEnvironment(config, {}, join(contracts, '..'));
  const network = await hre.network.create('inProcess');
  const { provider } = network;
  const [from] = (await provider.request({ method: 'eth_accounts' })) as string[];

  async function deploy(name: PolicyName, ...parameters: unknown[]): Promise<DeployedPolicy> {
    const { abi, bytecode } = compiled(name);
    const policy = new Interface(abi);
    const data = concat([bytecode, policy.encodeDeploy(parameters)]);
    const hash: unknown = await provider.request({ method: 'eth_sendTransaction', params: [{ from, data }] });
    const receipt: unknown = await provider.request({ method: 'eth_getTransactionReceipt', params: [hash] });
    const to = (receipt as { contractAddress: string }).contractAddress;

    const call = async (method: string, values: unknown[], purpose = 'eth_call') =>
      (await provider.request({
        method: purpose,
        params: [{ from, to, data: policy.encodeFunctionData(method, values), gas: '0xffffff' }, 'latest'],
      })) as string;
    return {
      initialTrust: async () =>
        Number(policy.decodeFunctionResult('initialTrust', await call('initialTrust', []))[0]),
      evaluate: async (round) => outcomeOf(policy, await call('evaluate', [encoded(round)])),
      gas: async (round) => BigInt(await call('evaluate', [encoded(round)], 'eth_estimateGas')),
    };
  }

  return { deploy, close: () => network.close() };
}

const encoded = (round: Round) => ({
  ...round,
  committee: round.committee.map((seat) => ({ ...seat, ballot: packed(seat.ballot) })),
});

const packed = (scores: readonly number[]) => {
  const bytes = Buffer.alloc(2 * scores.length);
  scores.forEach((score, i) => bytes.writeInt16BE(score, 2 * i));
  return `0x${bytes.toString('hex')}`;
};

/** ABI integers are bigints, the small ones too. */
type Abi<T> = { [K in keyof T]: T[K] extends number ? bigint : T[K] };

function outcomeOf(policy: Interface, data: string): Outcome {
  const [outcome] = policy.decodeFunctionResult('evaluate', data) as unknown as [
    {
      verdicts: Abi<Outcome['verdicts'][number]>[];
      seats: Abi<Outcome['seats'][number]>[];
      settlerWei: bigint;
    },
  ];
  return {
    verdicts: outcome.verdicts.map(
      ({ accepted, trust, mergeWeight, note, penaltyBp, jailRounds, rewardWei }) => ({
        accepted,
        trust: Number(trust),
        mergeWeight: Number(mergeWeight),
        note,
        penaltyBp: Number(penaltyBp),
        jailRounds: Number(jailRounds),
        rewardWei,
      }),
    ),
    seats: outcome.seats.map(({ rewardWei, penaltyBp }) => ({ rewardWei, penaltyBp: Number(penaltyBp) })),
    settlerWei: outcome.settlerWei,
  };
}
