import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { replaceFile } from '#libs/experiment';
import { Fault } from '#libs/fault';
import type { GasNeeds } from '../funding.ts';
import type { Processes, Running } from '../processes.ts';
import { listeningIn } from './listening.ts';
import { portOf, type Started } from './started.ts';

/** The chain of a network on this machine. */
export interface LocalChain {
  /** `headsUrl`: where it tells of new blocks; absent: it has to be asked. */
  readonly place: { readonly url: string; readonly headsUrl?: string };
  /** Sees to it that accounts have coins for so much gas. */
  readonly fund: (needs: GasNeeds) => Promise<void>;
  /** Gas of all transactions so far. */
  gasUsed(): Promise<number>;
  /** Writes down what the chain has now. */
  save(): Promise<void>;
}

/** How long a chain may go on without being written down; what a crash takes is that much at most. */
const saveEveryMs = 1_000;
/** Writing takes at most this share of the time. */
const saveShare = 0.1;

const coins = '0x21e19e0c9bab2400000';

/** Starts Foundry's development chain, which has after a restart what it had before. @param port 0: a free one. */
export async function startChain(
  processes: Processes,
  folder: string,
  port: number,
): Promise<LocalChain & Started> {
  mkdirSync(folder, { recursive: true });
  const state = join(folder, 'state.json');
  const process = processes.start({
    name: 'chain',
    path: anvilPath(),
    args: [
      ...['--host', '127.0.0.1', '--port', String(port), '--hardfork', 'osaka', '--accounts', '1'],
      // Blocks and logs are kept; of states those that somebody who is late may still ask for.
      ...['--config-out', join(folder, 'anvil.json'), '--prune-history', '1000'],
      ...(existsSync(state) ? ['--load-state', state] : []),
    ],
  });
  const host = await listeningIn(processes, 'chain', process, /Listening on (\S+)/);
  const url = `http://${host}`;
  const save = async (): Promise<void> => {
    const dumped = (await request(url, 'anvil_dumpState')) as string;
    const bytes = gunzipSync(Buffer.from(dumped.slice(2), 'hex'));
    // Whole or not at all: a file that is cut off would take the whole chain with it.
    replaceFile(state, bytes);
  };
  keepSaved(url, process, save);
  return {
    place: { url, headsUrl: `ws://${host}` },
    ...{ port: portOf(url), process, save },
    gasUsed: gasCounter(url),
    fund: (needs) => giveCoins(url, [...needs.keys()]),
  };
}

/** Gives accounts coins for gas, as development chains can (anvil, Hardhat); they are worth nothing elsewhere. @throws Fault CHAIN_REFUSED where the chain is none */
export async function giveCoins(url: string, addresses: readonly string[]): Promise<void> {
  try {
    for (const address of addresses) await request(url, 'hardhat_setBalance', address, coins);
  } catch (cause) {
    throw new Fault(
      'CHAIN_REFUSED',
      `The chain at ${new URL(url).host} gives no coins: ${(cause as Error).message}`,
      {
        facts: { host: new URL(url).host },
        hint: 'Only development chains do; on others send the accounts coins before (flobc keys show lists them).',
        cause,
      },
    );
  }
}

/** Saves after every block, not too often, until the process has ended. */
function keepSaved(url: string, process: Running, save: () => Promise<void>): void {
  let isOver = false;
  let saved = '';
  const look = async (): Promise<void> => {
    const start = performance.now();
    try {
      const block = (await request(url, 'eth_blockNumber')) as string;
      if (block !== saved) await save();
      saved = block;
    } catch {
      // It is ending or busy; the next look shows.
    }
    const tookMs = performance.now() - start;
    if (!isOver) setTimeout(() => void look(), Math.max(saveEveryMs, tookMs / saveShare)).unref();
  };
  void process.ended.then(() => (isOver = true));
  void look();
}

/** Adds up the blocks that have come since it was last asked. */
function gasCounter(url: string): () => Promise<number> {
  let gas = 0;
  let counted = 0;
  return async () => {
    const newest = Number(await request(url, 'eth_blockNumber'));
    while (counted < newest) {
      const block = await request(url, 'eth_getBlockByNumber', `0x${(counted + 1).toString(16)}`, false);
      gas += Number((block as { gasUsed: string }).gasUsed);
      counted++;
    }
    return gas;
  };
}

/** Where npm has put the executable of this platform. @throws Fault SERVER_MISSING */
function anvilPath(): string {
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  try {
    return createRequire(import.meta.url).resolve(`@foundry-rs/anvil-${platform}/bin/anvil`);
  } catch (cause) {
    throw new Fault('SERVER_MISSING', `There is no local chain for ${platform} among the dependencies.`, {
      facts: { platform },
      hint: `Install it (npm install @foundry-rs/anvil-${platform}), use a chain that is there (flobc up --chain URL), or run the file by flobc run, which needs none.`,
      cause,
    });
  }
}

export async function request(url: string, method: string, ...params: unknown[]): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (error !== undefined) throw new Error(`${method}: ${error.message}`);
  return result;
}
