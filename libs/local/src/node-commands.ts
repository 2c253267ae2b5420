import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { NodeFile } from '#libs/config';
import type { ActorId } from '#libs/protocol';
import { privateKeyOf } from '#libs/simulation';
import type { LocalCast } from './cast.ts';
import type { Logins } from './credentials.ts';
import { pollMs } from './deployment.ts';
import type { Network, NetworkFolder } from './network-folder.ts';
import { nodeProgram } from './node-program.ts';
import type { Command } from './processes.ts';
import type { LocalServers } from './servers/servers.ts';

/**
 * Where there are more processes than cores, a garbage collection that has helpers waits for them more than it collects
 * (docs/adr/0083). Updates and models lie outside the heap; a heap that may grow threefold is not searched for each few of them
 * (docs/adr/0086).
 */
const oneOfMany = [
  ...['--single-threaded-gc', '--v8-pool-size=1'],
  ...['--heap-growing-percent=300', '--no-memory-reducer'],
];

/** A node of the network: `trainer-0`, `validator-2`, `scheduler-0`. */
export interface NodeToStart {
  readonly id: ActorId;
  readonly name: string;
  readonly role: NodeFile['role'];
  readonly position: number;
  readonly privateKey: Uint8Array;
}

export function nodesOf({ actors, scheduler, keys }: LocalCast): NodeToStart[] {
  return [
    ...actors.map(({ id, name, role, position }) => ({
      ...{ id, name, role, position },
      privateKey: privateKeyOf(keys, name),
    })),
    {
      id: scheduler.address,
      name: 'scheduler-0',
      role: 'scheduler' as const,
      position: 0,
      privateKey: privateKeyOf(keys, 'scheduler'),
    },
  ];
}

export interface Joined {
  readonly folder: NetworkFolder;
  readonly network: Network & { readonly run: NonNullable<Network['run']> };
  readonly servers: LocalServers;
  readonly logins: Logins;
  readonly planFolder: string;
}

/** Writes down what a node has to know, in a folder of its own, and says how it is started. */
export function nodeCommand(
  node: NodeToStart,
  { folder, network, servers, logins, planFolder }: Joined,
): Command {
  const { id, name, role, position, privateKey } = node;
  // Members log in by their addresses, others by their names.
  const user = role === 'scheduler' ? name : id;
  const place = folder.place('nodes', name);
  mkdirSync(place, { recursive: true });
  const keyFile = folder.place('nodes', name, 'key.local');
  writeFileSync(keyFile, Buffer.from(privateKey).toString('hex'), { mode: 0o600 });
  const file: NodeFile = {
    ...{ role, name, folder: place },
    run: {
      plan: folder.place('plan.json'),
      folder: resolve(planFolder),
      ledger: network.run.ledger,
      number: network.run.number,
      ...(role === 'scheduler' ? {} : { position }),
    },
    chain: { ...servers.chain.place, pollMs },
    nats: logins.placeOf(user, servers.nats.urls),
    redis: { url: servers.redis.url },
    key: { localFile: keyFile },
    http: { host: '127.0.0.1', port: 0 },
    workers: 1,
  };
  const path = folder.place('nodes', name, 'node.json');
  writeFileSync(path, JSON.stringify(file, null, 2), { mode: 0o600 });
  return { name, path: process.execPath, args: [...oneOfMany, nodeProgram(role), '--config', path] };
}
