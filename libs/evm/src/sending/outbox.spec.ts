import { expect, it } from 'vitest';
import type { ActorId, Digest } from '#libs/protocol';
import { Pulse } from '../pulse.ts';
import { EvmNode } from '../rpc/node.ts';
import type { Rpc } from '../rpc/rpc.ts';
import { Outbox } from './outbox.ts';

const account: ActorId = `0x${'ab'.repeat(20)}`;
const word = (number: number): Digest => `0x${number.toString(16).padStart(64, '0')}`;
const transaction = (nonce: number) =>
  ({ account, nonce, hash: word(nonce), raw: `0x0${nonce}` as const }) as const;

/** A node whose pool loses things, and which mines only when it is told to. */
class Forgetful implements Rpc {
  readonly pool = new Set<string>();
  readonly #blocks: string[][] = [[]];
  /** Called when somebody asks whether the node has a transaction. */
  whenAsked: () => void = () => undefined;

  mine(): void {
    this.#blocks.push([...this.pool]);
    this.pool.clear();
  }

  request(method: string, [first]: readonly unknown[]): Promise<unknown> {
    return Promise.resolve(this.#answer(method, String(first)));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #answer(method: string, first: string): unknown {
    const height = this.#blocks.length - 1;
    const mined = this.#blocks.flat();
    switch (method) {
      case 'eth_getBlockByNumber':
        return { number: height, hash: word(1_000 + height), parentHash: word(999 + height), timestamp: 0 };
      case 'eth_getTransactionCount':
        return mined.length;
      case 'eth_getTransactionByHash':
        this.whenAsked();
        return this.pool.has(first) || mined.includes(first) ? {} : null;
      case 'eth_getTransactionReceipt': {
        const at = this.#blocks.findIndex((block) => block.includes(first));
        const block = { blockNumber: at, blockHash: word(1_000 + at) };
        return at < 0 ? null : { ...block, status: 1, gasUsed: 0, contractAddress: null, logs: [] };
      }
      case 'eth_sendRawTransaction':
        if (!mined.includes(word(Number(first)))) this.pool.add(word(Number(first)));
        return first;
      default:
        throw new Error(`${method} was not expected`);
    }
  }
}

it('what was sent while it looked, and lost with the rest, is sent again with the rest', async () => {
  const rpc = new Forgetful();
  const pulse = new Pulse(1);
  const outbox = new Outbox(new EvmNode(rpc), pulse, { depth: 0, rewindableBlocks: 1, lostAfterMs: 1_000 });
  const mined: Promise<unknown>[] = [];
  const send = (nonce: number) => {
    rpc.pool.add(transaction(nonce).hash);
    mined.push(outbox.keep(transaction(nonce)));
  };
  let asked = 0;
  rpc.whenAsked = () => {
    asked++;
    if (asked === 1) send(2);
    if (asked === 1) rpc.pool.clear();
    // Everything is there again: only now a block.
    if (rpc.pool.size === 3) rpc.mine();
  };
  send(0);
  send(1);
  while (mined.length < 3) await pulse.after(pulse.beats);
  await Promise.all(mined);
  pulse.close();
});

it('a last one that is lost alone is sent again, too', async () => {
  const rpc = new Forgetful();
  const pulse = new Pulse(1);
  const outbox = new Outbox(new EvmNode(rpc), pulse, { depth: 0, rewindableBlocks: 1, lostAfterMs: 1_000 });
  rpc.pool.add(transaction(0).hash);
  const mined = [outbox.keep(transaction(0)), outbox.keep(transaction(1))];
  rpc.whenAsked = () => {
    if (rpc.pool.size === 2) rpc.mine();
  };
  await Promise.all(mined);
  expect(rpc.pool.size).toBe(0);
  pulse.close();
});
