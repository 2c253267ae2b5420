import type { Network, NetworkFolder } from '../network-folder.ts';
import type { Processes, Running } from '../processes.ts';
import type { Supervisor } from '../supervisor.ts';
import { type LocalChain, startChain } from './chain.ts';
import { startNats } from './nats.ts';
import { startRedis } from './redis.ts';

/** What the nodes of a network on this machine meet at. */
export interface LocalServers {
  readonly natsUrl: string;
  readonly redisUrl: string;
  readonly chain: LocalChain;
  /** What they listen on, so that they can be found there again. */
  readonly ports: Network['ports'];
}

/** Starts the three of them, on the ports that they had before. @param users Of NATS: who may do what. */
export async function startServers(
  processes: Processes,
  folder: NetworkFolder,
  ports: Network['ports'],
  users: string,
  supervisor: Supervisor,
): Promise<LocalServers> {
  const keep = async <Server extends { readonly url: string; readonly process: Running }>(
    name: keyof Network['ports'],
    start: (port: number) => Promise<Server>,
  ): Promise<Server> => {
    let port = ports[name];
    let first: Server | null = null;
    await supervisor.keep(name, async () => {
      const server = await start(port);
      port = portOf(server.url);
      first ??= server;
      return server.process;
    });
    return first!;
  };
  const [nats, redis, chain] = await Promise.all([
    keep('nats', (port) => startNats(processes, folder.place('nats'), port, users)),
    keep('redis', (port) => startRedis(processes, folder.place('redis'), port)),
    keep('chain', (port) => startChain(processes, folder.place('chain'), port)),
  ]);
  return {
    natsUrl: nats.url,
    redisUrl: redis.url,
    chain,
    ports: { nats: portOf(nats.url), redis: portOf(redis.url), chain: portOf(chain.url) },
  };
}

const portOf = (url: string): number => Number(new URL(url).port);
