import { readFileSync } from 'node:fs';
import { BullRoundJobs, queueNameOf } from '#libs/bullmq';
import { parsePlan } from '#libs/experiment';
import { Fault } from '#libs/fault';
import {
  claimRun,
  forgetRun,
  type LinkOptions,
  type NatsLink,
  openNats,
  ownerOfRun,
  prepareRun,
} from '#libs/nats';
import { type LocalCast, localCast } from './cast.ts';
import { type External, externalsIn, hostIn, lost } from './external-servers.ts';
import { linkOptionsOf, loginsOf } from './logins.ts';
import { type Network, NetworkFolder } from './network-folder.ts';

// What a network leaves in servers that are not its own, and how it is removed there.

/** Somebody waits at the terminal. */
const patienceMs = 3_000;

/** Makes the streams of a run. @throws Fault NETWORK_INVALID if those that are there are not those that we have made */
export async function prepareStreams(
  folder: NetworkFolder,
  network: Network,
  cast: LocalCast,
  operator: LinkOptions,
): Promise<void> {
  const link = await openNats(operator);
  try {
    await claim(link, folder, network);
    await prepareRun(link, { run: network.configuration, trainers: trainersOf(cast) });
  } finally {
    await link.close();
  }
}

async function claim(link: NatsLink, { path }: NetworkFolder, network: Network): Promise<void> {
  const { external, configuration: run } = network;
  if (external.nats === null) return;
  const owner = await ownerOfRun(link, { run, mark: external.mark });
  const server = `NATS at ${external.nats.map(hostIn).join(', ')}`;
  if (owner === 'another') throw taken(server, run);
  if (owner === 'us') return;
  if (network.run !== null) throw lost(path, server, 'the messages');
  await claimRun(link, { run, mark: external.mark });
}

const taken = (server: string, run: string): Fault =>
  new Fault('NETWORK_INVALID', `${server} has another network's run of this configuration.`, {
    facts: { server, run },
    hint: 'Run another one (--seed 2, or --set name=mine). If that network is given up: flobc down --network FOLDER --forget.',
  });

/**
 * Removes what a network has in servers that are not its own: its stream and its Trainers' updates in NATS, its queue in Redis. It
 * does not go on afterwards. Says where it has removed something.
 */
export async function forgetNetwork(path: string): Promise<External[]> {
  const folder = new NetworkFolder(path);
  const network = folder.read();
  if (network === null || externalsIn(network.external).length === 0) return [];
  folder.write({ ...network, isOver: true });
  const { nats, redis } = network.external;
  if (nats !== null) await forgetStreams(folder, network, network.external.mark, nats);
  if (redis !== null && network.run !== null) {
    const jobs = await BullRoundJobs.open({ url: redis, run: queueNameOf(network.run), patienceMs });
    await jobs.forget().finally(() => jobs.close());
  }
  // What a chain has been given stays in it.
  return externalsIn(network.external).filter(({ name }) => name !== 'chain');
}

async function forgetStreams(
  folder: NetworkFolder,
  network: Network,
  mark: string,
  servers: readonly string[],
) {
  const cast = localCast(parsePlan(JSON.parse(readFileSync(folder.place('plan.json'), 'utf8'))), folder);
  const operator = linkOptionsOf(loginsOf(folder, cast, network).placeOf('operator', servers));
  const link = await openNats({ ...operator, patienceMs });
  try {
    await forgetRun(link, { run: network.configuration, mark }, trainersOf(cast));
  } finally {
    await link.close();
  }
}

const trainersOf = ({ actors }: LocalCast) =>
  actors.filter(({ role }) => role === 'trainer').map(({ id }) => id);
