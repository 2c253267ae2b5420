import { spawnSync } from 'node:child_process';
import { Fault } from '#libs/fault';

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
    hint: `On Debian: apt-get install ${name}. flobc run needs no server.`,
  });
}

/** What a network on this machine would lack. */
export const missingServers = (): ServerName[] => needed.filter((name) => whereIs(name) === null);
