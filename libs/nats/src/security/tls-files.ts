import { readFileSync } from 'node:fs';
import type { LinkTls } from '../link.ts';

/** Paths of what a node speaks TLS with, PEM. */
export interface TlsFiles {
  readonly caFile: string;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** @param read Where a file that cannot be read is to be told of in another way. */
export const readTls = (
  { caFile, certFile, keyFile }: TlsFiles,
  read = (path: string): string => readFileSync(path, 'utf8'),
): LinkTls => ({
  ca: read(caFile),
  ...(certFile !== undefined && { cert: read(certFile) }),
  ...(keyFile !== undefined && { key: read(keyFile) }),
});
