import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** Ports that nobody uses, for servers that cannot be told to find one by themselves, or must know each other's before. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
