import { keccak256 } from 'ethers/crypto';
import secp256k1 from 'secp256k1';
import { Fault } from '#libs/fault';
import type { ActorId, Digest } from '#libs/protocol';
import { bytesOf, hexOf, type Signature } from './fields.ts';

/** An actor's key, and nothing but what it is for. */
export interface Signer {
  readonly address: ActorId;
  /** The same signature for the same digest, always (RFC 6979), with a low s. */
  sign(digest: Digest): Signature;
}

/** @throws Fault KEY_INVALID if these are not 32 bytes of a number from 1 to below the order of the curve. */
export function openSigner(privateKey: Uint8Array): Signer {
  if (privateKey.length !== 32 || !secp256k1.privateKeyVerify(privateKey)) {
    throw new Fault('KEY_INVALID', 'The signing key is not a private key of secp256k1.', {
      facts: { bytes: privateKey.length },
      hint: 'A key is 32 random bytes; make one with "openssl rand -hex 32".',
    });
  }
  return {
    address: addressOf(secp256k1.publicKeyCreate(privateKey, false)),
    sign(digest) {
      const { signature, recid } = secp256k1.ecdsaSign(bytesOf(digest), privateKey);
      // EIP-2098: a low s leaves its top bit free. (A recovery id above 1 needs an r that nobody will ever see.)
      signature[32]! |= recid << 7;
      return hexOf(signature);
    },
  };
}

/** An uncompressed public key, 65 bytes. */
export type PublicKey = Uint8Array;

/** The key that made a signature; null if none did, or if its s is high, which the ledger would refuse. */
export function recover(digest: Digest, signature: Signature): PublicKey | null {
  const compact = bytesOf(signature);
  const parity = compact[32]! >> 7;
  compact[32]! &= 0x7f;
  if (!isLow(compact)) return null;
  try {
    return secp256k1.ecdsaRecover(compact, parity, bytesOf(digest), false);
  } catch {
    return null; // the library's only way to say that there is no such key
  }
}

/** The last 20 bytes of the Keccak of the key's two coordinates. */
export const addressOf = (publicKey: PublicKey): ActorId =>
  `0x${keccak256(publicKey.subarray(1)).slice(-40)}`;

/** Half the order of the curve: n - s signs as well as s, so that one of the two is refused (as OpenZeppelin does). */
const halfOrder = Buffer.from('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0', 'hex');

const isLow = (compact: Uint8Array): boolean => halfOrder.compare(compact, 32, 64) >= 0;
