import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createNKey, type LinkOptions, type NatsUser, publicKeyOf } from '#libs/nats';
import type { LocalCast } from './deployment.ts';
import type { NetworkFolder } from './network-folder.ts';

/** What everybody in a network on this machine logs in to NATS with: each may do what its role needs. */
export class Credentials {
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
    return this.#folder.place('credentials', `${user}.nk`);
  }

  linkOf(user: string, url: string): LinkOptions {
    const credentials = readFileSync(this.fileOf(user), 'utf8');
    return { servers: [url], name: user, credentials };
  }

  #publicKey(user: string): string {
    const file = this.fileOf(user);
    if (!existsSync(file)) writeFileSync(file, `${createNKey().seed}\n`, { mode: 0o600 });
    return publicKeyOf(readFileSync(file, 'utf8'));
  }
}
