import { Fault, isFault } from '#libs/fault';
import type { Block } from '#libs/ports';
import type { ActorId } from '#libs/protocol';
import { nonceTaken, rewound } from '../faults.ts';
import type { Pulse } from '../pulse.ts';
import type { EvmNode, Receipt } from '../rpc/node.ts';
import { RpcError } from '../rpc/rpc.ts';
import type { Signed } from './transaction.ts';

/** A transaction that is in a block, as deep as was asked for. */
export interface Mined extends Signed {
  readonly receipt: Receipt;
  readonly block: Block;
}

interface Entry extends Signed {
  readonly account: ActorId;
  readonly nonce: number;
  receipt: Receipt | null;
  /** Since when its nonce is used and nobody has seen it, on the process's monotonic clock. */
  missingSinceMs: number | null;
  resolve: ((mined: Mined) => void) | null;
  reject: (fault: unknown) => void;
}

export interface Depths {
  /** Blocks that must be on top of a transaction's block before it counts as done. */
  readonly depth: number;
  /** Blocks below the newest in which a reorganisation is still expected. */
  readonly rewindableBlocks: number;
  /** A node may count a transaction a while before it can show it. After this long it is not going to. */
  readonly lostAfterMs: number;
}

/**
 * Every transaction that was sent, until no reorganisation can remove it any more. What falls out of the chain, or out
 * of the memory of a node that was restarted, is sent again as it was signed: under its nonce it is executed at most once.
 */
export class Outbox {
  readonly #node: EvmNode;
  readonly #pulse: Pulse;
  readonly #depths: Depths;
  #entries: Entry[] = [];
  #looking = false;
  #awaitingLook: (() => void)[] = [];
  #head: Block | null = null;

  constructor(node: EvmNode, pulse: Pulse, depths: Depths) {
    this.#node = node;
    this.#pulse = pulse;
    this.#depths = depths;
  }

  /** Keeps a transaction that the node has been given, and waits until it is deep enough in the chain. */
  keep(transaction: Signed & { readonly account: ActorId; readonly nonce: number }): Promise<Mined> {
    const mined = new Promise<Mined>((resolve, reject) => {
      this.#entries.push({ ...transaction, receipt: null, missingSinceMs: null, resolve, reject });
    });
    this.#pulse.beat();
    if (!this.#looking) void this.#lookOn();
    return mined;
  }

  /** The first nonce of an account that no kept transaction has; 0 if none is kept. */
  nonceAfter(account: ActorId): number {
    return this.#entries.reduce(
      (next, entry) => (entry.account === account ? Math.max(next, entry.nonce + 1) : next),
      0,
    );
  }

  /** Resolves when whatever has fallen out of the chain by now has been sent again. */
  async caughtUp(): Promise<void> {
    if (!this.#looking) return;
    const looked = new Promise<void>((resolve) => this.#awaitingLook.push(resolve));
    this.#pulse.beat();
    await looked;
  }

  async #lookOn(): Promise<void> {
    this.#looking = true;
    try {
      while (this.#entries.length > 0 && !this.#pulse.closed) {
        const { beats } = this.#pulse;
        const awaiting = this.#awaitingLook.splice(0);
        await this.#look();
        for (const resolve of awaiting) resolve();
        if (this.#entries.length > 0) await this.#pulse.after(beats);
      }
      this.#abandon(closed());
    } catch (fault) {
      this.#abandon(fault);
      if (!isFault(fault)) throw fault;
    } finally {
      this.#looking = false;
      for (const resolve of this.#awaitingLook.splice(0)) resolve();
    }
  }

  /**
   * Whoever still waits is told; what becomes of those transactions is known to the chain alone. The others stay, to be
   * looked after again with the next one, unless the chain has lost what they stand on.
   */
  #abandon(fault: unknown): void {
    const entries = this.#entries;
    const lost = isFault(fault) && fault.code === 'CHAIN_REWOUND';
    this.#entries = lost ? [] : entries.filter(({ resolve }) => resolve === null);
    for (const { resolve, reject } of entries) if (resolve !== null) reject(fault);
  }

  async #look(): Promise<void> {
    const head = await this.#node.head();
    if (!this.#continues(head)) await this.#forgetRemoved();
    this.#head = head;
    const byAccount = Map.groupBy(
      this.#entries.filter(({ receipt }) => receipt === null),
      ({ account }) => account,
    );
    for (const [account, entries] of byAccount) await this.#lookFor(account, entries);
    await this.#finish(head);
  }

  /** True if the newest block is still the same, or stands on the one that was. */
  #continues({ hash, parentHash }: Block): boolean {
    return this.#head === null || hash === this.#head.hash || parentHash === this.#head.hash;
  }

  /** Takes back the receipts of blocks that are no longer in the chain, from the newest down to one that is. */
  async #forgetRemoved(): Promise<void> {
    const inBlocks = this.#entries.filter(({ receipt }) => receipt !== null);
    const blocks = new Map(inBlocks.map(({ receipt }) => [receipt!.blockHash, receipt!.blockNumber]));
    for (const [hash, number] of [...blocks].sort(([, a], [, b]) => b - a)) {
      if ((await this.#node.block(number))?.hash === hash) return;
      for (const entry of inBlocks) if (entry.receipt?.blockHash === hash) entry.receipt = null;
    }
  }

  /** Looks for the receipts of an account's transactions, in the order of their nonces. */
  async #lookFor(account: ActorId, entries: Entry[]): Promise<void> {
    entries.sort((a, b) => a.nonce - b.nonce);
    const executed = await this.#node.nonceOf(account, 'latest');
    for (const entry of entries) {
      if (entry.nonce >= executed) return this.#sendAgain(entry);
      entry.receipt = await this.#node.receipt(entry.hash);
      if (entry.receipt === null) this.#miss(entry);
      else entry.missingSinceMs = null;
    }
  }

  /**
   * If the node has lost the first of an account's transactions that wait, or the last, it may have lost any of them. It
   * is asked about those that wait now: what was sent since the look began may have been lost with the others.
   */
  async #sendAgain(first: Entry): Promise<void> {
    const waiting = () =>
      this.#entries.filter((entry) => isWaitingFrom(first, entry)).sort((a, b) => a.nonce - b.nonce);
    const ends = new Set([first, waiting().at(-1) ?? first]);
    const known = await Promise.all([...ends].map(({ hash }) => this.#node.knows(hash)));
    if (!known.includes(false)) return;
    const { account, nonce } = first;
    if ((await this.#node.nonceOf(account, 'pending')) < nonce) throw rewound(this.#head!);
    for (const { raw } of waiting()) {
      await this.#node.sendRaw(raw).catch((error: unknown) => {
        // The node has it after all, or refuses it now: either way the next look shows.
        if (!(error instanceof RpcError)) throw error;
      });
    }
    this.#pulse.beat();
  }

  /** The nonce is used, and not by this transaction, unless the node is only slow to show it. */
  #miss(entry: Entry): void {
    entry.missingSinceMs ??= performance.now();
    if (performance.now() - entry.missingSinceMs < this.#depths.lostAfterMs) return;
    this.#entries = this.#entries.filter((other) => other !== entry);
    entry.reject(nonceTaken(entry.account, entry.nonce));
  }

  /** Tells those whose transactions are deep enough, and forgets what no reorganisation can reach. */
  async #finish(head: Block): Promise<void> {
    for (const entry of this.#entries) {
      const { receipt, resolve } = entry;
      if (receipt === null || resolve === null || head.number - receipt.blockNumber < this.#depths.depth)
        continue;
      const block = receipt.blockHash === head.hash ? head : await this.#node.block(receipt.blockNumber);
      if (block?.hash !== receipt.blockHash) continue; // removed since the look began
      entry.resolve = null;
      resolve({ raw: entry.raw, hash: entry.hash, receipt, block });
    }
    this.#entries = this.#entries.filter(
      ({ receipt, resolve }) =>
        resolve !== null ||
        receipt === null ||
        head.number - receipt.blockNumber < this.#depths.rewindableBlocks,
    );
  }
}

const isWaitingFrom = (first: Entry, { account, nonce, receipt }: Entry): boolean =>
  account === first.account && nonce >= first.nonce && receipt === null;

const closed = () =>
  new Fault('CHAIN_UNREACHABLE', 'The chain was closed while transactions were under way.', {
    hint: 'Await what was sent before closing.',
  });
