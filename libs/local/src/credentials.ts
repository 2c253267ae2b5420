import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { NodeFile } from '#libs/config';
import {
  createAuthority,
  createNKey,
  issueCertificate,
  type KeyedCertificate,
  type NatsUser,
  publicKeyOf,
  type ServerTls,
} from '#libs/nats';
import type { LocalCast } from './cast.ts';
import type { NetworkFolder } from './network-folder.ts';

/** How somebody logs in to NATS, as the file of a node says it. */
export type NatsPlace = NodeFile['nats'] & { readonly name: string };

/** How everybody of a network does. */
export interface Logins {
  placeOf(user: string, servers: readonly string[]): NatsPlace;
}

/** What everybody in a network on this machine logs in to NATS with: each may do what its role needs. */
export class Credentials implements Logins {
  readonly users: readonly NatsUser[];
  readonly #folder: NetworkFolder;

  /** Those that are there, and new ones for whoever has none. */
  constructor(folder: NetworkFolder, { actors }: LocalCast) {
    this.#folder = folder;
    mkdirSync(folder.place('credentials'), { recursive: true, mode: 0o700 });
    const others = [
      { role: 'operator', name: 'operator' },
      { role: 'observer', name: 'observer' },
      { role: 'scheduler', name: 'scheduler-0' },
    ] as const;
    this.users = [
      ...actors.map(({ id, role }) => ({ role, address: id, publicKey: this.#publicKey(id) })),
      ...others.map((one) => ({ ...one, publicKey: this.#publicKey(one.name) })),
    ];
  }

  /** Where the seed of a user is: by its address, or its name where it is no member. */
  fileOf(user: string): string {
    return this.#place(`${user}.nk`);
  }

  placeOf(name: string, servers: readonly string[]): NatsPlace {
    const credentialsFile = this.fileOf(name);
    return { name, servers: [...servers], credentialsFile, tls: { caFile: this.caFile } };
  }

  /** What the server's certificate is checked against. */
  get caFile(): string {
    return this.#place('ca.pem');
  }

  /** A new certificate for the server, from the network's own authority: so it never runs out while the network is used. */
  async certify(): Promise<ServerTls> {
    const authority = await this.#authority();
    const hosts = ['127.0.0.1', 'localhost'];
    this.#write('server', await issueCertificate(authority, { name: 'local', hosts }));
    return { certFile: this.#place('server.pem'), keyFile: this.#place('server.key'), caFile: this.caFile };
  }

  async #authority(): Promise<KeyedCertificate> {
    if (!existsSync(this.caFile)) this.#write('ca', await createAuthority('FLoBC network'));
    return { cert: readFileSync(this.caFile, 'utf8'), key: readFileSync(this.#place('ca.key'), 'utf8') };
  }

  /** The key first: a certificate that is there has one. */
  #write(name: string, { cert, key }: KeyedCertificate): void {
    writeFileSync(this.#place(`${name}.key`), key, { mode: 0o600 });
    writeFileSync(this.#place(`${name}.pem`), cert);
  }

  #place(file: string): string {
    return this.#folder.place('credentials', file);
  }

  #publicKey(user: string): string {
    const file = this.fileOf(user);
    if (!existsSync(file)) writeFileSync(file, `${createNKey().seed}\n`, { mode: 0o600 });
    return publicKeyOf(readFileSync(file, 'utf8'));
  }
}
