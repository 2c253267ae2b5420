import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Processes, Running } from '../processes.ts';
import { installed } from './installed.ts';
import { listeningIn } from './listening.ts';

export interface LocalNats {
  readonly url: string;
  readonly process: Running;
  /** Bytes that came in and went out since it was started. */
  movedBytes(): Promise<number>;
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
    'http: "127.0.0.1:-1"',
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
  const monitor = await listeningIn(processes, 'nats', process, /Starting http monitor on (\S+)/);
  const movedBytes = async (): Promise<number> => {
    const { in_bytes, out_bytes } = (await (await fetch(`http://${monitor}/varz`)).json()) as Variables;
    return in_bytes + out_bytes;
  };
  return { url: `nats://${host}`, process, movedBytes };
}

/** What the server says of itself. */
interface Variables {
  readonly in_bytes: number;
  readonly out_bytes: number;
}
