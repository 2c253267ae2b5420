import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { serverConfig } from '#libs/nats';
import { certifyServer, isLoopback, serverName } from './certificates.ts';
import type { ConsortiumFile, ConsortiumFolder } from './consortium-folder.ts';
import { natsUsersOf } from './nats-users.ts';
import { makeFolder, writeSecret } from './secret-file.ts';

/** Certificates and configurations of all servers. */
export async function equipServers(folder: ConsortiumFolder, file: ConsortiumFile): Promise<void> {
  for (const [i, host] of file.nats.hosts.entries()) await certifyServer(folder, serverName(i), host);
  writeSecret(folder.server('redis', 'redis.password'), `${randomBytes(24).toString('base64url')}\n`);
  writeRedisConfig(folder);
  // Where a development chain keeps its state, should there be no other chain.
  makeFolder(folder.server('chain'));
  writeNatsConfigs(folder, file);
}

/** Every server knows every member: to be written again when one is admitted, and the servers told to read it again. */
export function writeNatsConfigs(
  folder: ConsortiumFolder,
  { nats, members, dismissed }: ConsortiumFile,
): void {
  const users = natsUsersOf(members.filter(({ name }) => !dismissed.includes(name)));
  const { hosts, port, clusterPort, monitorPort } = nats;
  const all = '0.0.0.0';
  for (const [i, host] of hosts.entries()) {
    const name = serverName(i);
    const listen = isLoopback(host) ? '127.0.0.1' : all;
    makeFolder(folder.server(name, 'jetstream'));
    const cluster = {
      ...{ name: 'flobc', host: listen, port: clusterPort },
      routes: hosts.map((other) => `${other}:${clusterPort}`),
    };
    const config = serverConfig({
      // Paths are relative to where the server is started: in its folder, wherever that has been brought.
      ...{ name, host: listen, port, monitorPort, storeDir: 'jetstream', users },
      tls: { certFile: 'server.pem', keyFile: 'server.key', caFile: 'ca.pem', verifiesNodes: true },
      ...(hosts.length > 1 && { cluster }),
    });
    writeSecret(folder.server(name, 'nats.conf'), `${config}\n`);
  }
}

/** The password that Schedulers and Redis share. */
export const redisPassword = (folder: ConsortiumFolder): string | null => {
  const file = folder.server('redis', 'redis.password');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
};

function writeRedisConfig(folder: ConsortiumFolder): void {
  const lines = [
    'port 6379',
    'appendonly yes',
    'appendfsync everysec',
    // What BullMQ asks for: jobs must not be thrown out to make room.
    'maxmemory-policy noeviction',
    `requirepass ${redisPassword(folder)!}`,
    '',
  ];
  writeSecret(folder.server('redis', 'redis.conf'), lines.join('\n'));
}
