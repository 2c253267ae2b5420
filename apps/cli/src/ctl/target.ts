import type { Command } from 'commander';
import { linkOptionsOf, readControlFile, signerOf } from '#libs/consortium';
import { openJsonRpcChain } from '#libs/evm';
import { Fault } from '#libs/fault';
import { findProcesses, localControl, networksHere } from '#libs/local';
import { type LinkOptions, type NatsLink, openNats } from '#libs/nats';
import type { Ledger, LedgerRun } from '#libs/ports';
import type { ActorId } from '#libs/protocol';
import type { Signer } from '#libs/wire';
import { wholeNumber } from '../numbers.ts';
import { askPassword } from '../password.ts';

export interface TargetOptions {
  readonly config?: string;
  readonly network?: string;
  readonly run?: number;
  readonly json?: boolean;
}

/** Options of every command that looks at a running network. */
export const addTargetOptions = (command: Command): Command =>
  command
    .option('--config <file>', 'how the network is reached: a control.yaml, or the file of a node')
    .option('--network <folder>', 'or a network of flobc up (default: the one in networks/ that runs)')
    .option('--run <number>', 'which run of the ledger (default: the one that is named there)', wholeNumber())
    .option('--json', 'write JSON');

/** How a run is reached, and by whom. */
interface Reach {
  readonly chain: { readonly url: string; readonly headsUrl?: string | undefined };
  readonly run: { readonly ledger: ActorId; readonly number: number } | undefined;
  /** null: nobody has said where the NATS servers are. */
  readonly nats: (() => LinkOptions) | null;
  /** null: without a key one can only look on. */
  readonly signer: (() => Promise<Signer>) | null;
  readonly names: ReadonlyMap<ActorId, string>;
  readonly place: string;
}

/** A run, as `flobc ctl` has reached it: by the ledger, which it only reads, and by the stream where that is needed. */
export interface Target {
  readonly ledger: Ledger;
  readonly run: bigint;
  readonly names: ReadonlyMap<ActorId, string>;
  /** @throws Fault RUN_UNKNOWN */
  state(): Promise<LedgerRun>;
  /** null: the file does not say where the NATS servers are. */
  link(): Promise<NatsLink | null>;
  /** @throws Fault CONTROL_FILE_INVALID if there is no key */
  signer(): Promise<Signer>;
}

/** How often a chain that does not tell by itself is asked for news. */
const pollMs = 500;
/** Somebody waits at the terminal. */
const patienceMs = 5_000;

/** Reaches a run, does something with it, and lets go of it again. */
export async function withTarget<Result>(
  options: TargetOptions,
  use: (target: Target) => Promise<Result>,
): Promise<Result> {
  const reach = reachOf(options);
  const { url, headsUrl } = reach.chain;
  const chain = await openJsonRpcChain({
    url,
    pollMs,
    patienceMs,
    ...(headsUrl !== undefined && { headsUrl }),
  });
  let link: NatsLink | null = null;
  try {
    if (reach.run === undefined) throw noRun(reach);
    const ledger = await chain.attach(reach.run.ledger);
    const run = BigInt(options.run ?? reach.run.number);
    return await use({
      ledger,
      run,
      names: reach.names,
      state: async () => (await ledger.run(run)) ?? unknownRun(ledger, run),
      link: async () =>
        (link ??= reach.nats === null ? null : await openNats({ ...reach.nats(), patienceMs })),
      signer: () => reach.signer?.() ?? Promise.reject(noKey(reach)),
    });
  } finally {
    await (link as NatsLink | null)?.close();
    await chain.close();
  }
}

function reachOf({ config, network }: TargetOptions): Reach {
  if (config !== undefined && network !== undefined)
    throw new Fault('OPTION_INVALID', 'Both --config and --network say how the network is reached.', {
      hint: 'Give one of the two.',
    });
  if (config !== undefined) return byFile(config);
  const folder = network ?? networksHere().findLast((one) => findProcesses(one).length > 0);
  if (folder !== undefined) return byFolder(folder);
  throw new Fault('OPTION_INVALID', 'No network runs here, and none is named.', {
    hint: 'Name one: --config FILE (a control.yaml), or --network FOLDER (of flobc up).',
  });
}

function byFile(path: string): Reach {
  const { chain, run, nats, key } = readControlFile(path);
  const ask = () => askPassword(undefined, 'Password of the key: ');
  return {
    ...{ chain, run, place: path, names: new Map<ActorId, string>() },
    nats: nats === undefined ? null : () => linkOptionsOf(nats),
    signer: key === undefined ? null : () => signerOf(key, ask),
  };
}

function byFolder(folder: string): Reach {
  const { chain, run, nats, sponsor, names } = localControl(folder);
  return { chain, run, names, place: folder, nats: () => nats, signer: () => Promise.resolve(sponsor) };
}

const noRun = ({ place }: Reach): Fault =>
  new Fault('CONTROL_FILE_INVALID', `${place} names no run.`, {
    facts: { path: place },
    hint: 'flobc ctl create writes run.ledger and run.number into it; or copy them from another member.',
  });

const noKey = ({ place }: Reach): Fault =>
  new Fault('CONTROL_FILE_INVALID', `${place} names no key to act with.`, {
    facts: { path: place },
    hint: "Use the Sponsor's control.yaml: only the Sponsor may pause, resume and finish a run.",
  });

function unknownRun({ addresses }: Ledger, run: bigint): never {
  throw new Fault('RUN_UNKNOWN', `The ledger at ${addresses.ledger} has no run ${run}.`, {
    facts: { ledger: addresses.ledger, run },
    hint: 'flobc ctl runs lists those that it has.',
  });
}
