import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';

/** Makes a file that is there whole or not at all, and as it was before until then. */
export function replaceFile(path: string, content: string | Uint8Array, mode?: number): void {
  const partial = `${path}.partial`;
  const file = openSync(partial, 'w', mode);
  try {
    const bytes = Buffer.from(content);
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(partial, path);
}
