import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NatsUser, serverConfig, type ServerTls } from '#libs/nats';
import type { Processes } from '../processes.ts';
import { installed } from './installed.ts';
import { listeningIn } from './listening.ts';
import { portOf, type Started } from './started.ts';

export interface LocalNats {
  /** Of each server of its cluster. */
  readonly urls: readonly string[];
  /** Bytes that came in and went out since it was started. */
  movedBytes(): Promise<number>;
}

/**
 * Starts a NATS server with JetStream, which speaks TLS only.
 *
 * @param port 0: a free one.
 * @param users Who may log in, and do what its role needs.
 * @param tls The server's certificate.
 */
export async function startNats(
  processes: Processes,
  folder: string,
  port: number,
  users: readonly NatsUser[],
  tls: ServerTls,
): Promise<LocalNats & Started> {
  mkdirSync(folder, { recursive: true });
  const configuration = join(folder, 'nats.conf');
  const text = serverConfig({
    ...{ name: 'local', host: '127.0.0.1', port: port === 0 ? -1 : port, users, tls },
    storeDir: join(folder, 'jetstream'),
    monitorPort: -1,
  });
  writeFileSync(configuration, text, { mode: 0o600 });
  const process = processes.start({
    name: 'nats',
    path: installed('nats-server'),
    args: ['-c', configuration],
  });
  const host = await listeningIn(processes, 'nats', process, /Listening for client connections on (\S+)/);
  const monitor = await listeningIn(processes, 'nats', process, /Starting http monitor on (\S+)/);
  const movedBytes = async (): Promise<number> => {
    const { in_bytes, out_bytes } = (await (await fetch(`http://${monitor}/varz`)).json()) as Variables;
    return in_bytes + out_bytes;
  };
  const url = `nats://${host}`;
  return { urls: [url], port: portOf(url), process, movedBytes };
}

/** What the server says of itself. */
interface Variables {
  readonly in_bytes: number;
  readonly out_bytes: number;
}
