import type { Signer } from '#libs/wire';
import { Credentials, type Logins } from '../credentials.ts';
import { linkOptionsOf } from '../logins.ts';
import type { Network, NetworkFolder } from '../network-folder.ts';
import type { Processes } from '../processes.ts';
import type { Supervisor } from '../supervisor.ts';
import { type LocalChain, startChain } from './chain.ts';
import { reachChain } from './reach-chain.ts';
import { reachNats, reachRedis } from './reach.ts';
import { type LocalNats, startNats } from './nats.ts';
import { type LocalRedis, startRedis } from './redis.ts';
import type { Started } from './started.ts';

/** What the nodes of a network on this machine meet at: each as it was started last, or as it was there already. */
export interface LocalServers {
  readonly nats: LocalNats;
  readonly redis: LocalRedis;
  readonly chain: LocalChain;
  /** What those listen on that were started, so that they can be found there again. */
  readonly ports: Network['ports'];
}

export interface ServersToStart {
  readonly processes: Processes;
  readonly folder: NetworkFolder;
  readonly network: Network;
  /** Of NATS: who may do what. */
  readonly logins: Logins;
  readonly supervisor: Supervisor;
  readonly payer: Signer | undefined;
}

type Name = keyof Network['ports'];

/** Starts those that are not there already, on the ports that they had before. */
export async function startServers({
  processes,
  folder,
  network,
  logins,
  supervisor,
  payer,
}: ServersToStart): Promise<LocalServers> {
  const { ports, external } = network;
  const listening = { ...ports };
  const keep = async <Server>(
    name: Name,
    start: (port: number) => Promise<Server & Started>,
  ): Promise<() => Server> => {
    let newest: (Server & Started) | null = null;
    await supervisor.keep(name, async () => {
      newest = await start(listening[name]);
      listening[name] = newest.port;
      return newest.process;
    });
    return () => newest!;
  };
  const there = async <Server>(reaching: Promise<Server>): Promise<() => Server> => {
    const server = await reaching;
    return () => server;
  };
  const [nats, redis, chain] = await Promise.all([
    logins instanceof Credentials
      ? keep('nats', async (port) => {
          const tls = await logins.certify();
          return startNats(processes, folder.place('nats'), port, logins.users, tls);
        })
      : there(reachNats(linkOptionsOf(logins.placeOf('operator', external.nats ?? [])))),
    external.redis === null
      ? keep('redis', (port) => startRedis(processes, folder.place('redis'), port))
      : there(reachRedis(external.redis)),
    external.chain === null
      ? keep('chain', (port) => startChain(processes, folder.place('chain'), port))
      : there(reachChain(external.chain, payer)),
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
    ports: listening,
  };
}
