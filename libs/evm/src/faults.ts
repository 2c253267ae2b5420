import { Fault } from '#libs/fault';
import type { Block } from '#libs/ports';
import type { ActorId } from '#libs/protocol';
import type { RpcError } from './rpc/rpc.ts';

// What can go wrong with a chain; CHAIN_UNREACHABLE is in rpc/patient.ts, where it arises.

export function rewound(block: Pick<Block, 'number' | 'hash'>): Fault {
  return new Fault(
    'CHAIN_REWOUND',
    `The chain no longer has block ${block.number} (${block.hash}), which was dealt with.`,
    {
      facts: { number: block.number, hash: block.hash },
      hint: 'It was reorganised deeper than is remembered, or it is another chain: check the RPC URL, then start again from the deployment block.',
    },
  );
}

export function refusedByNode(account: ActorId, cause: RpcError): Fault {
  const facts = { account, method: cause.method, message: cause.message };
  if (/insufficient funds|enough funds/i.test(cause.message)) {
    return new Fault(
      'CHAIN_GAS_UNFUNDED',
      `The account ${account} cannot pay for the gas of a transaction.`,
      {
        facts,
        hint: 'Send it some of the coins of the chain itself; tokens do not pay for gas.',
        cause,
      },
    );
  }
  return new Fault(
    'CHAIN_REFUSED',
    `The chain's node refused ${cause.method} of ${account}: ${cause.message}.`,
    {
      facts,
      hint: 'Compare the chain with what the operations page asks for: fork (Osaka or later), gas limit, JSON-RPC methods.',
      cause,
    },
  );
}

export function nonceTaken(account: ActorId, nonce: number): Fault {
  return new Fault('CHAIN_NONCE_TAKEN', `Another transaction of ${account} has taken nonce ${nonce}.`, {
    facts: { account, nonce },
    hint: 'A key belongs to one process: stop the other one that sends with it, or give it a key of its own.',
  });
}

export function revertedUnknown(what: string, data: string | null, cause?: unknown): Fault {
  return new Fault(
    'CHAIN_REVERTED_UNKNOWN',
    `${what} was reverted for a reason that the contracts do not name.`,
    {
      facts: { data },
      hint: 'Check that the address is that of a ledger of this version; if it is, this is a bug: please report it with the facts.',
      cause,
    },
  );
}

export function contractMissing(address: ActorId, expected: string): Fault {
  return new Fault('CHAIN_CONTRACT_MISSING', `There is no ${expected} at ${address}.`, {
    facts: { address, expected },
    hint: 'Check the address, and that the RPC URL leads to the chain on which it was deployed.',
  });
}

export function policyUnknown(name: string, known: readonly string[]): Fault {
  return new Fault('POLICY_UNKNOWN', `There is no policy "${name}".`, {
    facts: { name, known },
    hint: `The policies of the product are ${known.join(', ')}; one of your own is given as a .sol file.`,
  });
}
