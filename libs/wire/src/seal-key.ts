import { randomBytes, scrypt as derive } from 'node:crypto';
import { scrypt } from 'ethers/crypto';
import { encryptKeystoreJson } from 'ethers/wallet';
import { hexOf } from './fields.ts';
import { openSigner } from './keys.ts';

/** What the derivation needs (RFC 7914, section 5), and something beside it. */
const memoryOf = (N: number, r: number, p: number): number => 128 * r * (N + p + 2) + 65_536;

// Node's own is four times as fast as the library's, and leaves the thread free.
scrypt.register(
  (password, salt, N, r, p, dkLen) =>
    new Promise((resolve, reject) => {
      derive(password, salt, dkLen, { N, r, p, maxmem: memoryOf(N, r, p) }, (error, key) => {
        if (error === null) resolve(hexOf(new Uint8Array(key)));
        else reject(error);
      });
    }),
);

/** 32 random bytes. That they are no private key has a probability of 2^-128. */
export const createPrivateKey = (): Uint8Array => new Uint8Array(randomBytes(32));

/** A private key as an encrypted keystore of Ethereum (version 3), which `readKeystore`, geth and `cast wallet` open again. */
export function sealKey(privateKey: Uint8Array, password: string): Promise<string> {
  const { address } = openSigner(privateKey);
  return encryptKeystoreJson({ address, privateKey: hexOf(privateKey) }, password);
}
