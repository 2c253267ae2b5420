import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Processes } from '../processes.ts';
import { installed } from './installed.ts';
import { listeningIn } from './listening.ts';
import type { Started } from './started.ts';

export interface LocalRedis {
  readonly url: string;
}

/** Starts a Redis that writes down every change before it answers. @param port 0: a free one. */
export async function startRedis(
  processes: Processes,
  folder: string,
  port: number,
): Promise<LocalRedis & Started> {
  mkdirSync(folder, { recursive: true });
  const path = installed('redis-server');
  const chosen = port === 0 ? await freePort() : port;
  const configuration = join(folder, 'redis.conf');
  writeFileSync(
    configuration,
    [
      'bind 127.0.0.1',
      `port ${chosen}`,
      `dir ${JSON.stringify(folder)}`,
      'appendonly yes',
      'appendfsync everysec',
      'save ""',
      // What BullMQ asks for: jobs must not be thrown out to make room.
      'maxmemory-policy noeviction',
      // Its processes are known by their command lines, which it would write over.
      'set-proc-title no',
      '',
    ].join('\n'),
  );
  const process = processes.start({ name: 'redis', path, args: [configuration] });
  await listeningIn(processes, 'redis', process, /(Ready to accept connections)/);
  return { url: `redis://127.0.0.1:${chosen}`, port: chosen, process };
}

/** Redis cannot be told to find a port by itself. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}
