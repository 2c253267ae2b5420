import { readFileSync } from 'node:fs';
import { parsePlan } from '#libs/experiment';
import { Fault } from '#libs/fault';
import type { LinkOptions } from '#libs/nats';
import type { ActorId } from '#libs/protocol';
import type { Signer } from '#libs/wire';
import { Credentials } from './credentials.ts';
import { localCast } from './deployment.ts';
import { NetworkFolder } from './network-folder.ts';

/** How a network on this machine is reached by whoever looks on, and by its Sponsor. */
export interface LocalControl {
  readonly chain: { readonly url: string; readonly headsUrl: string };
  readonly run: { readonly ledger: ActorId; readonly number: number };
  readonly nats: LinkOptions;
  readonly sponsor: Signer;
  /** What its members are called. */
  readonly names: ReadonlyMap<ActorId, string>;
}

/** @throws Fault NETWORK_INVALID if no network was started in the folder, or its run is not there yet */
export function localControl(path: string): LocalControl {
  const folder = new NetworkFolder(path);
  const network = folder.read();
  const run = network?.run ?? null;
  if (network === null || run === null) throw notThere(path);
  const plan = parsePlan(JSON.parse(readFileSync(folder.place('plan.json'), 'utf8')));
  const cast = localCast(plan);
  const { ports } = network;
  return {
    chain: { url: `http://127.0.0.1:${ports.chain}`, headsUrl: `ws://127.0.0.1:${ports.chain}` },
    run,
    nats: new Credentials(folder, cast).linkOf('observer', `nats://127.0.0.1:${ports.nats}`),
    sponsor: cast.sponsor,
    names: new Map(cast.actors.map(({ id, name }) => [id, name])),
  };
}

const notThere = (path: string): Fault =>
  new Fault('NETWORK_INVALID', `${path} is not a network with a run.`, {
    facts: { folder: path },
    hint: 'flobc up starts one; flobc ps lists those that run.',
  });
