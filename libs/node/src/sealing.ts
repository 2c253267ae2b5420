import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type { Digest } from '#libs/protocol';

// AES-256-GCM. Each key seals one update, so that the nonce may be constant: no two messages share a key.

const nonce = Buffer.alloc(12);
const tagBytes = 16;

export const keyBytes = 32;

/** The update's bytes, readable only with the key: ciphertext and, at its end, the tag. */
export function seal(plain: Uint8Array, key: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const ciphertext = cipher.update(plain);
  const sealed = Buffer.concat([ciphertext, cipher.final(), cipher.getAuthTag()]);
  giveBack(ciphertext);
  return sealed;
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

/**
 * Frees memory now, whoever still looks at it, instead of when the collector finds it unused: that looks through the whole heap
 * whenever 64 MB outside of it are new, which a hundred updates of 0.8 MB and their copies are several times a round.
 */
export function giveBack({ buffer, length }: Uint8Array): void {
  // Small buffers lie in memory that they share with others.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0);
}

export const sha256 = (bytes: Uint8Array): Digest => `0x${createHash('sha256').update(bytes).digest('hex')}`;
