import { afterAll } from 'vitest';
import { createHash } from 'node:crypto';
import { encode } from '@msgpack/msgpack';
import type { BlobKind } from '#libs/ports';
import type { ActorId, Digest } from '#libs/protocol';
import { type Nats, type NatsOptions, startNats } from '#libs/testkit';
import { type LinkOptions, type NatsLink, openNats } from './link.ts';

const sha256 = (name: string): string => createHash('sha256').update(name).digest('hex');

/** An address that belongs to nobody else. */
export const actorOf = (name: string): ActorId => `0x${sha256(name).slice(0, 40)}`;
export const runOf = (name: string): Digest => `0x${sha256(name)}`;
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** An object of a kind: a lineup is a list of what is in it. */
export const objectOf = ({ kind }: BlobKind, text: string): Uint8Array =>
  kind === 'lineup' ? encode([bytesOf(text)]) : bytesOf(text);

/** Servers and links of one test file, which end with it. */
export function scene(): {
  readonly server: (options?: NatsOptions) => Promise<Nats>;
  readonly link: (servers: Nats | readonly string[], options?: Partial<LinkOptions>) => Promise<NatsLink>;
} {
  const servers: Nats[] = [];
  const links: NatsLink[] = [];
  afterAll(async () => {
    for (const link of links) await link.close();
    for (const server of servers) await server.close();
  });
  return {
    async server(options) {
      const server = await startNats(options);
      servers.push(server);
      return server;
    },
    async link(to, options = {}) {
      const urls = 'url' in to ? [to.url] : to;
      const link = await openNats({ servers: urls, name: 'test', patienceMs: 0, ...options });
      links.push(link);
      return link;
    },
  };
}

/** A promise that a test waits for, resolved by what the test observes. */
export function signal<T = void>(): { readonly promise: Promise<T>; readonly give: (value: T) => void } {
  let give: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => (give = resolve));
  return { promise, give };
}

/** Collects what is delivered, and resolves when there are so many. */
export class Ear<T = string> {
  readonly heard: T[] = [];
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  hear(one: T): void {
    this.heard.push(one);
    const ready = this.#waiting.filter(({ count }) => count <= this.heard.length);
    this.#waiting = this.#waiting.filter((waiting) => !ready.includes(waiting));
    for (const { resolve } of ready) resolve();
  }

  has(count: number): Promise<void> {
    if (this.heard.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }
}
