import { decryptKeystoreJson, isKeystoreJson } from 'ethers/wallet';
import { Fault } from '#libs/fault';
import { bytesOf, type Hex } from './fields.ts';

/**
 * The private key, 32 bytes, in an encrypted keystore of Ethereum (version 3), as geth, `cast wallet` and ethers write it.
 * Deriving the key that opens it takes a second or two, on purpose.
 *
 * @param text The JSON of the keystore.
 * @throws Fault KEY_INVALID if it is none, or the password does not open it
 */
export async function readKeystore(text: string, password: string): Promise<Uint8Array> {
  if (!isKeystoreJson(text)) throw unreadable('The keystore is no Ethereum keystore of version 3.');
  try {
    const { privateKey } = await decryptKeystoreJson(text, password);
    return bytesOf(privateKey as Hex);
  } catch {
    // What the library says may hold parts of what it was given.
    throw unreadable('The password does not open the keystore, or the keystore is damaged.');
  }
}

const unreadable = (message: string): Fault =>
  new Fault('KEY_INVALID', message, {
    hint: 'Make one with "cast wallet new" or "geth account new", and give its password as a file.',
  });

/** The password that is in a file: without the line break that an editor has put behind it. */
export const passwordIn = (text: string): string => text.replace(/\r?\n$/, '');

/** The private key in a file that holds it as it is, in hexadecimal digits. */
export const plainKeyIn = (text: string): Uint8Array =>
  new Uint8Array(Buffer.from(text.trim().replace(/^0x/, ''), 'hex'));
