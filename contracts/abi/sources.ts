import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import config from '../hardhat.config.ts';

export const root = join(import.meta.dirname, '../..');
export const target = join(root, 'libs/evm/src/abi');

const sourceFolder = join(root, 'contracts/src');

/** Every Solidity file of the product, by its path within `contracts/src`, in one order on every machine. */
export function soliditySources(): { path: string; text: string }[] {
  return readdirSync(sourceFolder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sol'))
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(sourceFolder, path), 'utf8') }));
}

/**
 * SHA-256 over all that decides what the compiler puts out: the sources, the compiler's settings, and the versions of
 * compiler and contract library.
 */
export function digestOfSources(): string {
  const hash = createHash('sha256');
  const add = (name: string, text: string) => hash.update(`${name}\0${text.length}\0${text}`);
  for (const { path, text } of soliditySources()) add(path, text);
  add('settings', JSON.stringify(config.solidity, withoutTests));
  for (const name of ['solc', '@openzeppelin/contracts']) {
    const { version } = JSON.parse(
      readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'),
    ) as {
      version: string;
    };
    add(name, version);
  }
  return hash.digest('hex');
}

/** Of the configuration, what compiles the product: not where the compiler lies, nor how tests are compiled. */
function withoutTests(key: string, value: unknown): unknown {
  return key === 'path' || key.startsWith('contracts/test/') ? undefined : value;
}

/** SHA-256 over the generated files, so that one edited by hand does not pass for what the compiler put out. */
export function digestOfFiles(files: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  for (const [name, text] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name}\0${text.length}\0${text}`);
  }
  return hash.digest('hex');
}
