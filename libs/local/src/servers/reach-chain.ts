import { Fault } from '#libs/fault';
import type { Signer } from '#libs/wire';
import { costWei, type GasNeeds, inCoins, payFor } from '../funding.ts';
import { giveCoins, type LocalChain, request } from './chain.ts';

/** How long to wait for a sign that new blocks are told of. */
const answerMs = 3_000;

/** A chain that is there already; see `reach.ts`. @throws Fault CHAIN_UNREACHABLE */
export async function reachChain(url: string, payer: Signer | undefined): Promise<LocalChain> {
  await request(url, 'eth_chainId').catch((cause: unknown) => {
    throw unreachable(url, cause);
  });
  const headsUrl = url.replace(/^http/, 'ws');
  return {
    place: { url, ...((await tellsOfBlocks(headsUrl)) && { headsUrl }) },
    fund: (needs) => (payer === undefined ? askForCoins(url, needs) : payFor(url, payer, needs)),
    gasUsed: () => Promise.resolve(0),
    // It keeps itself.
    save: () => Promise.resolve(),
  };
}

async function askForCoins(url: string, needs: GasNeeds): Promise<void> {
  try {
    await giveCoins(url, [...needs.keys()]);
  } catch (cause) {
    const { host } = new URL(url);
    const wei = await costWei(url, needs);
    const message = `The chain at ${host} gives no coins for gas, and no key is named that pays for it.`;
    const hint = `Name the key of an account that has ${inCoins(wei)} coins: --chain-key FILE.`;
    throw new Fault('CHAIN_GAS_UNFUNDED', message, { facts: { host, neededWei: wei }, hint, cause });
  }
}

/** True if somebody answers a subscription there, as most nodes do at the address of their JSON-RPC. */
function tellsOfBlocks(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    let isOver = false;
    const end = (isTold: boolean) => () => {
      // What is closed before it was open says once more that it has failed.
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      resolve(isTold);
      socket.close();
    };
    const timer = setTimeout(end(false), answerMs);
    socket.addEventListener('open', () => {
      socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] }));
    });
    socket.addEventListener('message', ({ data }) => {
      end(typeof data === 'string' && data.includes('"result"'))();
    });
    socket.addEventListener('error', end(false));
    socket.addEventListener('close', end(false));
  });
}

const unreachable = (url: string, cause: unknown): Fault =>
  new Fault('CHAIN_UNREACHABLE', `No chain answers at ${new URL(url).host}.`, {
    facts: { host: new URL(url).host },
    hint: 'Check that it runs, and that the address is that of its JSON-RPC (flobc up --chain URL).',
    cause,
  });
