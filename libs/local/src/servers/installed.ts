import { spawnSync } from 'node:child_process';
import { Fault } from '#libs/fault';
import type { External } from '../external-servers.ts';

const needed = ['nats-server', 'redis-server'] as const;
export type ServerName = (typeof needed)[number];

/** Where a server's file is; null if it is not installed. Debian puts servers where not everybody's PATH leads. */
function whereIs(name: ServerName): string | null {
  const script = 'PATH="$PATH:/usr/local/sbin:/usr/sbin"; command -v "$1"';
  const { stdout, status } = spawnSync('sh', ['-c', script, 'sh', name], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

/** @throws Fault SERVER_MISSING */
export function installed(name: ServerName): string {
  const file = whereIs(name);
  if (file !== null) return file;
  throw new Fault('SERVER_MISSING', `${name} is not installed.`, {
    facts: { name },
    hint: `On Debian: apt-get install ${name}. One that is there already: ${insteadOf(name)}. flobc run needs no server.`,
  });
}

/** What says that a server need not be started. */
export const insteadOf = (name: ServerName): string => `flobc up --${kindOf(name)} URL`;
const kindOf = (name: ServerName): string => name.replace('-server', '');

/** What a network on this machine would lack, with these servers that are not its own. */
export const missingServers = (externals: readonly External[]): ServerName[] =>
  needed.filter((name) => whereIs(name) === null && !externals.some((one) => one.name === kindOf(name)));
