import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type LinkOptions, readTls } from '#libs/nats';
import { Credentials, type Logins, type NatsPlace } from './credentials.ts';
import type { LocalCast } from './cast.ts';
import type { Network, NetworkFolder } from './network-folder.ts';

/** What a server that is not the network's own asks for: of everybody the same. Texts, not files. */
export interface SharedLogin {
  /** As `LinkOptions.credentials`. */
  readonly credentials?: string;
  /** PEM. */
  readonly ca?: string;
}

export const loginsOf = (folder: NetworkFolder, cast: LocalCast, { external }: Network): Logins =>
  external.nats === null ? new Credentials(folder, cast) : sharedLogins(folder);

export function linkOptionsOf({ servers, name, credentialsFile, tls }: NatsPlace): LinkOptions {
  return {
    ...{ servers, name },
    ...(credentialsFile !== undefined && { credentials: readFileSync(credentialsFile, 'utf8') }),
    ...(tls !== undefined && { tls: readTls(tls) }),
  };
}

/** A copy, so that the network can go on without being told again. */
export function keepLogin(folder: NetworkFolder, login: SharedLogin): void {
  mkdirSync(folder.place('credentials'), { recursive: true, mode: 0o700 });
  const files = filesIn(folder);
  if (login.credentials !== undefined) writeFileSync(files.credentials, login.credentials, { mode: 0o600 });
  if (login.ca !== undefined) writeFileSync(files.ca, login.ca);
}

function sharedLogins(folder: NetworkFolder): Logins {
  const { credentials, ca } = filesIn(folder);
  return {
    placeOf: (name, servers) => ({
      ...{ name, servers: [...servers] },
      ...(existsSync(credentials) && { credentialsFile: credentials }),
      ...(existsSync(ca) && { tls: { caFile: ca } }),
    }),
  };
}

const filesIn = (folder: NetworkFolder) => ({
  credentials: folder.place('credentials', 'shared.nk'),
  ca: folder.place('credentials', 'shared-ca.pem'),
});
