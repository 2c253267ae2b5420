import { Fault } from '#libs/fault';
import type { Signer } from '#libs/wire';
import { type Network, NetworkFolder, nothingExternal } from './network-folder.ts';
import { keepLogin, type SharedLogin } from './logins.ts';

/** Servers that are there already, for a network to use instead of starting its own. */
export interface ExternalServers {
  readonly nats?: SharedLogin & { readonly servers: readonly string[] };
  readonly redis?: string;
  readonly chain?: string;
  /** Pays for gas on the chain; absent: the chain gives coins, as development chains do. It is not kept. */
  readonly payer?: Signer;
}

export type ServerKind = 'nats' | 'redis' | 'chain';

type Known = Network['external'];

/** What is named now, over what was named before. */
export const externalOf = (known: Known, { nats, redis, chain }: ExternalServers): Known => ({
  nats: nats === undefined ? known.nats : [...nats.servers],
  redis: redis ?? known.redis,
  chain: chain ?? known.chain,
  mark: known.mark,
});

/** What logs in to NATS is kept in the folder. */
export function keepExternal(folder: NetworkFolder, { nats }: ExternalServers): void {
  if (nats !== undefined) keepLogin(folder, nats);
}

/** A server that is not the network's own. */
export interface External {
  readonly name: ServerKind;
  /** Hosts and ports: the rest of an address may be secret. */
  readonly host: string;
}

export function externalsIn({ nats, redis, chain }: Known): External[] {
  const all = { nats, redis: redis === null ? null : [redis], chain: chain === null ? null : [chain] };
  return Object.entries(all).flatMap(([name, urls]) =>
    urls === null ? [] : [{ name: name as ServerKind, host: urls.map(hostIn).join(', ') }],
  );
}

/** Those of the network in a folder, with what is named besides. */
export const externalsOf = (path: string, given: ExternalServers = {}): External[] =>
  externalsIn(externalOf(new NetworkFolder(path).read()?.external ?? nothingExternal(), given));

export const hostIn = (url: string): string => new URL(url).host;

/** A server has forgotten what the network needs to go on, or never had it. */
export const lost = (path: string, server: string, what: string, cause?: unknown): Fault =>
  new Fault('NETWORK_INVALID', `${server} does not have ${what} of the network in ${path}.`, {
    facts: { folder: path },
    hint: 'Bring the server back with what it had, or begin anew: another folder (--out), or remove this one.',
    cause,
  });
