import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Fault } from '#libs/fault';

/** Where Debian puts servers, besides the PATH. */
const usual = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin'];

export type ServerName = 'nats-server' | 'redis-server';

/** The file of a server, or null. */
export function whereIs(name: ServerName, path = process.env.PATH ?? ''): string | null {
  for (const folder of [...path.split(delimiter), ...usual]) {
    const file = join(folder, name);
    if (folder !== '' && isExecutable(file)) return file;
  }
  return null;
}

/** @throws Fault SERVER_MISSING */
export function installed(name: ServerName): string {
  const file = whereIs(name);
  if (file !== null) return file;
  throw new Fault('SERVER_MISSING', `${name} is not installed.`, {
    facts: { name },
    hint: `On Debian: apt-get install ${name}. Or name a server that runs elsewhere.`,
  });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What a network on this machine would lack. */
export const missingServers = (): ServerName[] =>
  (['nats-server', 'redis-server'] as const).filter((name) => whereIs(name) === null);
