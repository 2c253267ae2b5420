import { writeFileSync } from 'node:fs';
import { configurationDigest, planJson, type RunPlan } from '#libs/experiment';
import { Fault, isFault } from '#libs/fault';
import { connect, type Connections } from '#libs/hosted';
import { type LinkOptions, NatsBus } from '#libs/nats';
import type { ActorId } from '#libs/protocol';
import { type LocalCast, localCast, makeOwnKeys } from './cast.ts';
import type { Logins } from './credentials.ts';
import { pollMs, runOnChain } from './deployment.ts';
import {
  externalOf,
  type ExternalServers,
  externalsIn,
  hostIn,
  keepExternal,
  lost,
} from './external-servers.ts';
import { linkOptionsOf, loginsOf } from './logins.ts';
import { type Network, NetworkFolder, nothingExternal } from './network-folder.ts';
import { Meter } from './meter.ts';
import { type NodeToStart, nodeCommand, nodesOf } from './node-commands.ts';
import { type Command, endProcesses, Processes } from './processes.ts';
import { type LocalServers, startServers } from './servers/servers.ts';
import { forgetNetwork, prepareStreams } from './traces.ts';
import { Supervisor } from './supervisor.ts';

export interface LocalNetworkOptions {
  readonly plan: RunPlan;
  /** What the plan's paths are relative to. */
  readonly planFolder: string;
  /** Where the network is, or is to be. */
  readonly folder: string;
  /** Those that are there already. What was named before need not be named again. */
  readonly external?: ExternalServers;
  readonly say: (what: string) => void;
  readonly warn: (warnings: readonly string[]) => void;
}

/** How long processes get to finish what they are doing when they are asked to end. */
const graceMs = 5_000;

/** What a network is made of, once it is there. */
interface Parts {
  readonly folder: NetworkFolder;
  readonly supervisor: Supervisor;
  readonly servers: LocalServers;
  readonly logins: Logins;
  readonly network: Network;
  readonly cast: LocalCast;
  readonly nodes: readonly NodeToStart[];
  readonly commands: readonly Command[];
  readonly processes: Processes;
  readonly connections: Connections;
  readonly bus: NatsBus;
  readonly warn: LocalNetworkOptions['warn'];
}

/** A network of real processes on this machine: servers, contracts, nodes. */
export class LocalNetwork {
  readonly cast: LocalCast;
  readonly connections: Connections;
  readonly bus: NatsBus;
  readonly meter: Meter;
  readonly #parts: Parts;

  /** Starts what was there, or begins anew. @throws Fault SERVER_MISSING, SERVER_FAILED, NETWORK_INVALID */
  static async start(options: LocalNetworkOptions): Promise<LocalNetwork> {
    const folder = new NetworkFolder(options.folder);
    const known = networkFor(options, folder);
    await endProcesses(folder.path, graceMs);
    const supervisor = supervisorOf(options);
    try {
      return await LocalNetwork.#startIn(folder, known, supervisor, options);
    } catch (error) {
      await supervisor.endAll(graceMs);
      throw error;
    }
  }

  static async #startIn(
    folder: NetworkFolder,
    known: Network,
    supervisor: Supervisor,
    { plan, planFolder, external = {}, say, warn }: LocalNetworkOptions,
  ): Promise<LocalNetwork> {
    const processes = new Processes(folder.path);
    say(serversSaid(known));
    keepExternal(folder, external);
    if (externalsIn(known.external).length > 0 && known.run === null) makeOwnKeys(folder);
    const cast = localCast(plan, folder);
    const logins = loginsOf(folder, cast, known);
    const { payer } = external;
    const servers = await startServers({ processes, folder, network: known, logins, supervisor, payer });
    const started = { ...known, ports: servers.ports };
    writeFileSync(folder.place('plan.json'), JSON.stringify(planJson(plan)));
    // Before anything is made by its mark; of a run that is there the addresses have to prove right first.
    if (known.run === null) folder.write(started);
    const placeOf = (user: string): LinkOptions => linkOptionsOf(logins.placeOf(user, servers.nats.urls));
    await prepareStreams(folder, started, cast, placeOf('operator'));
    say(known.run === null ? 'deploying the contracts, bonding and joining' : 'going on with the run');
    const run = known.run ?? (await runOnChain(plan, planFolder, servers.chain, cast));
    await servers.chain.save();
    const network = { ...started, run };
    if (known.run === null) folder.write(network);
    const nodes = nodesOf(cast);
    const commands = nodes.map((node) => nodeCommand(node, { folder, network, servers, logins, planFolder }));
    const connections = await connect(
      {
        nats: placeOf('observer'),
        chain: { ...servers.chain.place, pollMs },
        ledger: run.ledger,
        run: BigInt(run.number),
      },
      plan,
    ).catch((error: unknown) => {
      throw lostRun(error, folder, network) ?? error;
    });
    folder.write(network);
    const bus = await NatsBus.open(connections.link, { run: connections.run.domain.run, replay: 'all' });
    const own = { folder, supervisor, servers, logins, network, processes, warn };
    return new LocalNetwork({ ...own, cast, nodes, commands, connections, bus });
  }

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.cast = parts.cast;
    this.connections = parts.connections;
    this.bus = parts.bus;
    this.meter = new Meter(parts.servers);
  }

  /** Starts the nodes as processes, all but these; until then nobody does anything. */
  async startNodes(without: readonly ActorId[] = []): Promise<void> {
    const { nodes, commands, processes, supervisor } = this.#parts;
    const left = new Set(nodes.filter(({ id }) => without.some((one) => one === id)).map(({ name }) => name));
    for (const command of commands) {
      if (left.has(command.name)) continue;
      await supervisor.keep(command.name, () => Promise.resolve(processes.start(command)));
    }
  }

  /** Ends the nodes; servers and contracts stay. */
  async endNodes(): Promise<void> {
    const { nodes, supervisor } = this.#parts;
    await supervisor.end(
      nodes.map(({ name }) => name),
      graceMs,
    );
  }

  /** Each as it was started last. */
  get servers(): LocalServers {
    return this.#parts.servers;
  }

  /** What a user logs in to NATS with: a member's address, or the name of another (`operator`). */
  linkOf(user: string): LinkOptions {
    const { logins, servers } = this.#parts;
    return linkOptionsOf(logins.placeOf(user, servers.nats.urls));
  }

  place(...parts: string[]): string {
    return this.#parts.folder.place(...parts);
  }

  isDown(actor: ActorId): boolean {
    const { nodes, supervisor } = this.#parts;
    const node = nodes.find(({ id }) => id === actor);
    return node !== undefined && supervisor.isDown(node.name);
  }

  /** The ledger does not know how many rounds were planned: the Sponsor tells it, and gets back what was not spent. */
  async finish(): Promise<void> {
    const { ledger, run } = this.connections;
    await ledger.as(this.cast.sponsor).sponsor.finish(run.domain.number);
    const { folder, network } = this.#parts;
    folder.write({ ...network, isOver: true });
  }

  /**
   * Ends everything that was started: nodes first, then what they need; what they know stays in the folder. Of a run that is over
   * nothing stays in servers that are not the network's own.
   */
  async end(): Promise<void> {
    this.meter.stop();
    await this.connections.close();
    const { folder, supervisor, servers, warn } = this.#parts;
    await this.endNodes();
    await servers.chain.save().catch(() => undefined);
    if (folder.read()?.isOver === true)
      await forgetNetwork(folder.path).catch((error: unknown) => {
        warn([`What is left in servers that are not the network's own could not be removed: ${said(error)}`]);
      });
    await supervisor.endAll(graceMs);
  }
}

function networkFor({ plan, external = {} }: LocalNetworkOptions, folder: NetworkFolder): Network {
  const configuration = configurationDigest(plan);
  const known = folder.read();
  if (known === null) {
    const ports = { nats: 0, redis: 0, chain: 0 };
    return {
      ...({ format: 'flobc.network', version: 1, run: null, isOver: false } as const),
      ...{ name: plan.name, configuration, ports, external: externalOf(nothingExternal(), external) },
    };
  }
  if (known.configuration === configuration)
    return { ...known, external: externalOf(known.external, external) };
  throw new Fault('NETWORK_INVALID', `${folder.path} is the network of another run.`, {
    facts: { folder: folder.path },
    hint: 'Give another folder (--out), or remove it.',
  });
}

function supervisorOf({ warn }: LocalNetworkOptions): Supervisor {
  return new Supervisor({
    onEnded: (name, { code, signal }) => {
      warn([`${name} ended (${signal ?? `exit code ${code ?? '?'}`}) and is started again`]);
    },
    onFailed: (name, error) => {
      warn([`${name} could not be started: ${said(error)}`]);
    },
  });
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function serversSaid({ external }: Network): string {
  const there = externalsIn(external);
  const missing = (['nats', 'redis', 'chain'] as const).filter((name) =>
    there.every((one) => one.name !== name),
  );
  const names = { nats: 'NATS', redis: 'Redis', chain: 'the chain' };
  const list = (kinds: readonly (keyof typeof names)[]) => kinds.map((kind) => names[kind]).join(', ');
  const parts = [
    ...(missing.length === 0 ? [] : [`starting ${list(missing)}`]),
    ...there.map(({ name, host }) => `using ${names[name]} at ${host}`),
  ];
  return parts.join(', ');
}

/** On a chain that is not ours the run may be gone; on one of ours only with its folder. */
function lostRun(error: unknown, { path }: NetworkFolder, { external }: Network): Fault | null {
  const isLost = isFault(error) && ['CHAIN_CONTRACT_MISSING', 'RUN_UNKNOWN'].includes(error.code);
  if (!isLost || external.chain === null) return null;
  return lost(path, `The chain at ${hostIn(external.chain)}`, 'the run', error);
}
