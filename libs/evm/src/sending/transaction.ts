import { keccak256, Signature, Transaction } from 'ethers';
import type { ActorId, Digest } from '#libs/protocol';
import type { Hex, Signer } from '#libs/wire';

/** What an account wants done; `to` is absent for a deployment. */
export interface Order {
  readonly to?: ActorId;
  readonly data: Hex;
  /** Coins that go with it; absent: none. */
  readonly value?: bigint;
}

export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

export interface Signed {
  readonly raw: Hex;
  readonly hash: Digest;
}

/** An EIP-1559 transaction, signed. */
export function signed(
  signer: Signer,
  { data, to, value = 0n }: Order,
  terms: Fees & { readonly chainId: bigint; readonly nonce: number; readonly gasLimit: bigint },
): Signed {
  const transaction = Transaction.from({ type: 2, to: to ?? null, data, value, ...terms });
  transaction.signature = Signature.from(signer.sign(transaction.unsignedHash as Digest));
  const raw = transaction.serialized as Hex;
  return { raw, hash: keccak256(raw) as Digest };
}
