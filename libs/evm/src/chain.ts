import { getCreateAddress } from 'ethers';
import type { Block, Chain, Ledger, LedgerAddresses, PolicySource } from '#libs/ports';
import type { ActorId } from '#libs/protocol';
import type { Hex, Signer } from '#libs/wire';
import {
  ledgerContract,
  policyContracts,
  registryContract,
  settlementContract,
  tokenContract,
  vaultContract,
} from './contract/contracts.ts';
import { contractMissing, policyUnknown, revertedUnknown } from './faults.ts';
import { EvmLedger } from './ledger.ts';
import type { Pulse } from './pulse.ts';
import { EvmNode } from './rpc/node.ts';
import { type Rpc, RpcError } from './rpc/rpc.ts';
import { AccountQueue, type Sending } from './sending/account.ts';
import { type Depths, Outbox } from './sending/outbox.ts';

/** All in which one host of an EVM differs from another. */
export interface Host extends Depths, Pick<Sending, 'asksFirst' | 'fees' | 'onSpent'> {
  readonly rpc: Rpc;
  readonly pulse: Pulse;
}

export async function openChain(host: Host): Promise<Chain> {
  const node = new EvmNode(host.rpc);
  return new EvmChain(host, node, await node.chainId());
}

/** What accounts send their transactions with. */
export function sendingOn(host: Host, node: EvmNode, chainId: bigint): Sending {
  const { asksFirst, fees, onSpent } = host;
  const outbox = new Outbox(node, host.pulse, host);
  return { node, outbox, chainId, asksFirst, fees, ...(onSpent && { onSpent }) };
}

class EvmChain implements Chain {
  readonly chainId: bigint;
  readonly #host: Host;
  readonly #node: EvmNode;
  readonly #sending: Sending;
  readonly #queues = new Map<ActorId, AccountQueue>();

  constructor(host: Host, node: EvmNode, chainId: bigint) {
    this.chainId = chainId;
    this.#host = host;
    this.#node = node;
    this.#sending = sendingOn(host, node, chainId);
  }

  async deployLedger(signer: Signer, capWei: bigint): Promise<Ledger> {
    const queue = this.#queue(signer);
    // Vault and registry are told the address that the ledger will have; it refuses to be deployed at another.
    const nonce = (await queue.nextNonce()) + 4;
    const ledger = getCreateAddress({ from: signer.address, nonce }).toLowerCase() as ActorId;
    const token = await deploy(queue, 'token', tokenContract.creationCode([signer.address, capWei]));
    const vault = await deploy(queue, 'vault', vaultContract.creationCode([token, ledger]));
    const registry = await deploy(queue, 'registry', registryContract.creationCode([token, vault, ledger]));
    const holdings = { registry, vault };
    const settlement = await deploy(queue, 'settlement', settlementContract.creationCode([holdings]));
    await deploy(queue, 'ledger', ledgerContract.creationCode([holdings, settlement]));
    return this.attach(ledger);
  }

  async deployPolicy(signer: Signer, policy: PolicySource): Promise<ActorId> {
    return deploy(this.#queue(signer), 'policy', creationCodeOf(policy));
  }

  async attach(ledger: ActorId): Promise<Ledger> {
    const { rewindableBlocks, pulse } = this.#host;
    const addresses = await this.#addressesOf(ledger);
    return new EvmLedger({
      node: this.#node,
      pulse,
      rewindableBlocks,
      addresses,
      queueOf: (signer) => this.#queue(signer),
    });
  }

  head(): Promise<Block> {
    return this.#node.head();
  }

  async close(): Promise<void> {
    this.#host.pulse.close();
    await this.#host.rpc.close();
  }

  #queue(signer: Signer): AccountQueue {
    const known = this.#queues.get(signer.address);
    if (known !== undefined) return known;
    const queue = new AccountQueue(signer, this.#sending);
    this.#queues.set(signer.address, queue);
    return queue;
  }

  /** Whatever is at the address is asked for its parts; what cannot name them is no ledger. */
  async #addressesOf(ledger: ActorId): Promise<LedgerAddresses> {
    const ask = async (to: ActorId, data: Hex): Promise<Hex> => {
      try {
        const answer = await this.#node.call({ to, data }, 'latest');
        if (answer !== '0x') return answer;
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
      }
      throw contractMissing(ledger, 'FLoBC ledger');
    };
    const registry = ledgerContract.decode(
      'REGISTRY',
      await ask(ledger, ledgerContract.encode('REGISTRY', [])),
    );
    const vault = ledgerContract.decode('VAULT', await ask(ledger, ledgerContract.encode('VAULT', [])));
    const token = vaultContract.decode('TOKEN', await ask(vault, vaultContract.encode('TOKEN', [])));
    return { ledger, registry, vault, token };
  }
}

async function deploy(queue: AccountQueue, what: string, creationCode: Hex): Promise<ActorId> {
  const name = `the deployment of the ${what}`;
  const executed = await queue.execute(name, { data: creationCode });
  if (executed.kind === 'reverted')
    throw revertedUnknown(name, `${executed.name} ${JSON.stringify(executed.args)}`);
  return executed.receipt.created!;
}

function creationCodeOf(policy: PolicySource): Hex {
  if ('creationCode' in policy) return policy.creationCode;
  const contract = policyContracts.get(policy.name);
  if (contract === undefined) throw policyUnknown(policy.name, [...policyContracts.keys()]);
  return contract.creationCode((policy.parameters ?? []) as never);
}
