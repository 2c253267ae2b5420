import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type { Digest } from '#libs/protocol';

// AES-256-GCM. Each key seals one update, so that the nonce may be constant: no two messages share a key.

const nonce = Buffer.alloc(12);
const tagBytes = 16;

export const keyBytes = 32;

/** The update's bytes, readable only with the key: ciphertext and, at its end, the tag. */
export function seal(plain: Uint8Array, key: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** The bytes that were sealed; null if the key is another one or a byte was changed. */
export function unseal(sealed: Uint8Array, key: Uint8Array): Uint8Array | null {
  if (sealed.length < tagBytes) return null;
  const end = sealed.length - tagBytes;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAuthTag(sealed.subarray(end));
  try {
    const plain = decipher.update(sealed.subarray(0, end));
    decipher.final(); // gives nothing more in this mode, but checks the tag
    return plain;
  } catch {
    return null; // the library's only way to say that the tag does not fit
  }
}

/** Length of what `seal` makes of so many bytes. */
export const sealedSize = (plainBytes: number): number => plainBytes + tagBytes;

export const sha256 = (bytes: Uint8Array): Digest => `0x${createHash('sha256').update(bytes).digest('hex')}`;
