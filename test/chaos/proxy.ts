import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A line to a server that can be cut: all connections end, and new ones are refused, until it is mended. */
export class Proxy {
  readonly #host: string;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #ownPort = 0;

  /** @param target What it leads to: `nats://HOST:PORT`. */
  constructor(target: string) {
    const { hostname, port } = new URL(target);
    this.#host = hostname;
    this.#port = Number(port);
  }

  /** `HOST:PORT`, the same before and after a cut. */
  get host(): string {
    return `127.0.0.1:${this.#ownPort}`;
  }

  async open(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(this.#port, this.#host);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
      }
    });
    await once(server.listen(this.#ownPort, '127.0.0.1'), 'listening');
    this.#ownPort = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  cut(): void {
    this.#server?.close();
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
  }
}
