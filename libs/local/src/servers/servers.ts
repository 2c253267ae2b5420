import type { Credentials } from '../credentials.ts';
import type { Network, NetworkFolder } from '../network-folder.ts';
import type { Processes, Running } from '../processes.ts';
import type { Supervisor } from '../supervisor.ts';
import { type LocalChain, startChain } from './chain.ts';
import { type LocalNats, startNats } from './nats.ts';
import { type LocalRedis, startRedis } from './redis.ts';

/** What the nodes of a network on this machine meet at: each as it was started last. */
export interface LocalServers {
  readonly nats: LocalNats;
  readonly redis: LocalRedis;
  readonly chain: LocalChain;
  /** What they listen on, so that they can be found there again. */
  readonly ports: Network['ports'];
}

/** Starts the three of them, on the ports that they had before. @param credentials Of NATS: who may do what, and its certificate. */
export async function startServers(
  processes: Processes,
  folder: NetworkFolder,
  ports: Network['ports'],
  credentials: Credentials,
  supervisor: Supervisor,
): Promise<LocalServers> {
  const tls = await credentials.certify();
  const keep = async <Server extends { readonly url: string; readonly process: Running }>(
    name: keyof Network['ports'],
    start: (port: number) => Promise<Server>,
  ): Promise<() => Server> => {
    let newest: Server | null = null;
    await supervisor.keep(name, async () => {
      newest = await start(newest === null ? ports[name] : portOf(newest.url));
      return newest.process;
    });
    return () => newest!;
  };
  const [nats, redis, chain] = await Promise.all([
    keep('nats', (port) => startNats(processes, folder.place('nats'), port, credentials.users, tls)),
    keep('redis', (port) => startRedis(processes, folder.place('redis'), port)),
    keep('chain', (port) => startChain(processes, folder.place('chain'), port)),
  ]);
  return {
    get nats() {
      return nats();
    },
    get redis() {
      return redis();
    },
    get chain() {
      return chain();
    },
    ports: { nats: portOf(nats().url), redis: portOf(redis().url), chain: portOf(chain().url) },
  };
}

const portOf = (url: string): number => Number(new URL(url).port);
