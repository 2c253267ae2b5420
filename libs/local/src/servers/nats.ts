import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Processes, Running } from '../processes.ts';
import { installed } from './installed.ts';
import { listeningIn } from './listening.ts';

export interface LocalNats {
  readonly url: string;
  readonly process: Running;
}

/**
 * Starts a NATS server with JetStream.
 *
 * @param port 0: a free one.
 * @param users What of its configuration says who may do what.
 */
export async function startNats(
  processes: Processes,
  folder: string,
  port: number,
  users: string,
): Promise<LocalNats> {
  mkdirSync(folder, { recursive: true });
  const configuration = join(folder, 'nats.conf');
  const lines = [
    'host: 127.0.0.1',
    `port: ${port === 0 ? -1 : port}`,
    `jetstream { store_dir: ${JSON.stringify(join(folder, 'jetstream'))} }`,
    users,
    '',
  ];
  writeFileSync(configuration, lines.join('\n'), { mode: 0o600 });
  const process = processes.start({
    name: 'nats',
    path: installed('nats-server'),
    args: ['-c', configuration],
  });
  const host = await listeningIn(processes, 'nats', process, /Listening for client connections on (\S+)/);
  return { url: `nats://${host}`, process };
}
