import { readFileSync } from 'node:fs';
import { parsePlan } from '#libs/experiment';
import { Fault } from '#libs/fault';
import type { LinkOptions } from '#libs/nats';
import type { ActorId } from '#libs/protocol';
import type { Signer } from '#libs/wire';
import { localCast } from './cast.ts';
import { linkOptionsOf, loginsOf } from './logins.ts';
import { NetworkFolder } from './network-folder.ts';

/** How a network on this machine is reached by whoever looks on, and by its Sponsor. */
export interface LocalControl {
  readonly chain: { readonly url: string; readonly headsUrl?: string };
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
  const cast = localCast(plan, folder);
  const { ports, external } = network;
  const host = `127.0.0.1:${ports.chain}`;
  const servers = external.nats ?? [`nats://127.0.0.1:${ports.nats}`];
  return {
    chain:
      external.chain === null ? { url: `http://${host}`, headsUrl: `ws://${host}` } : { url: external.chain },
    run,
    nats: linkOptionsOf(loginsOf(folder, cast, network).placeOf('observer', servers)),
    sponsor: cast.sponsor,
    names: new Map(cast.actors.map(({ id, name }) => [id, name])),
  };
}

const notThere = (path: string): Fault =>
  new Fault('NETWORK_INVALID', `${path} is not a network with a run.`, {
    facts: { folder: path },
    hint: 'flobc up starts one; flobc ps lists those that run.',
  });
