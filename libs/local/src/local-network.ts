import { writeFileSync } from 'node:fs';
import { configurationDigest, planJson, type RunPlan } from '#libs/experiment';
import { Fault } from '#libs/fault';
import { connect, type Connections } from '#libs/hosted';
import { type LinkOptions, NatsBus, openNats, prepareRun } from '#libs/nats';
import type { ActorId } from '#libs/protocol';
import { Credentials } from './credentials.ts';
import { type LocalCast, localCast, pollMs, runOnChain } from './deployment.ts';
import { type Network, NetworkFolder } from './network-folder.ts';
import { Meter } from './meter.ts';
import { type NodeToStart, nodeCommand, nodesOf } from './node-commands.ts';
import { type Command, endProcesses, Processes } from './processes.ts';
import { type LocalServers, startServers } from './servers/servers.ts';
import { Supervisor } from './supervisor.ts';

export interface LocalNetworkOptions {
  readonly plan: RunPlan;
  /** What the plan's paths are relative to. */
  readonly planFolder: string;
  /** Where the network is, or is to be. */
  readonly folder: string;
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
  readonly credentials: Credentials;
  readonly network: Network;
  readonly cast: LocalCast;
  readonly nodes: readonly NodeToStart[];
  readonly commands: readonly Command[];
  readonly processes: Processes;
  readonly connections: Connections;
  readonly bus: NatsBus;
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
    const known = networkFor(options.plan, folder);
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
    { plan, planFolder, say }: LocalNetworkOptions,
  ): Promise<LocalNetwork> {
    const processes = new Processes(folder.path);
    say('starting NATS, Redis and the chain');
    const cast = localCast(plan);
    const credentials = new Credentials(folder, cast);
    const servers = await startServers(processes, folder, known.ports, credentials, supervisor);
    const started = { ...known, ports: servers.ports };
    folder.write(started);
    say(known.run === null ? 'deploying the contracts, bonding and joining' : 'going on with the run');
    const run = known.run ?? (await runOnChain(plan, planFolder, servers.chain, cast));
    await servers.chain.save();
    const network = { ...started, run };
    folder.write(network);
    writeFileSync(folder.place('plan.json'), JSON.stringify(planJson(plan)));
    await prepareStreams(plan, cast, credentials.linkOf('operator', servers.nats.url));
    const nodes = nodesOf(plan, cast);
    const commands = nodes.map((node) =>
      nodeCommand(node, { folder, network: { ...network, run }, servers, credentials, planFolder }),
    );
    const connections = await connect(
      {
        nats: credentials.linkOf('observer', servers.nats.url),
        chain: { url: servers.chain.url, headsUrl: servers.chain.headsUrl, pollMs },
        ledger: run.ledger,
        run: BigInt(run.number),
      },
      plan,
    );
    const bus = await NatsBus.open(connections.link, { run: connections.run.domain.run, replay: 'all' });
    const own = { folder, supervisor, servers, credentials, network, processes };
    return new LocalNetwork({ ...own, cast, nodes, commands, connections, bus });
  }

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.cast = parts.cast;
    this.connections = parts.connections;
    this.bus = parts.bus;
    this.meter = new Meter(parts.servers);
  }

  /** Starts every node as a process; until then nobody does anything. */
  async startNodes(): Promise<void> {
    const { commands, processes, supervisor } = this.#parts;
    for (const command of commands)
      await supervisor.keep(command.name, () => Promise.resolve(processes.start(command)));
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
    const { credentials, servers } = this.#parts;
    return credentials.linkOf(user, servers.nats.url);
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

  /** Ends everything that was started: nodes first, then what they need; what they know stays in the folder. */
  async end(): Promise<void> {
    this.meter.stop();
    await this.connections.close();
    const { supervisor, servers } = this.#parts;
    await this.endNodes();
    await servers.chain.save().catch(() => undefined);
    await supervisor.endAll(graceMs);
  }
}

function networkFor(plan: RunPlan, folder: NetworkFolder): Network {
  const configuration = configurationDigest(plan);
  const known = folder.read();
  if (known === null) {
    const ports = { nats: 0, redis: 0, chain: 0 };
    const { name } = plan;
    return { format: 'flobc.network', version: 1, name, configuration, ports, run: null, isOver: false };
  }
  if (known.configuration === configuration) return known;
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
      warn([`${name} could not be started: ${error instanceof Error ? error.message : String(error)}`]);
    },
  });
}

async function prepareStreams(plan: RunPlan, { actors }: LocalCast, operator: LinkOptions): Promise<void> {
  const link = await openNats(operator);
  const trainers = actors.filter(({ role }) => role === 'trainer').map(({ id }) => id);
  await prepareRun(link, { run: configurationDigest(plan), trainers });
  await link.close();
}
