import type { Block, Change, LedgerAddresses, LedgerEvent, WatchFrom } from '#libs/ports';
import { eventOf } from './events.ts';
import { rewound } from './faults.ts';
import type { Pulse } from './pulse.ts';
import type { EvmNode, Log } from './rpc/node.ts';
import { RpcError } from './rpc/rpc.ts';

export interface Watched {
  readonly node: EvmNode;
  readonly pulse: Pulse;
  readonly addresses: LedgerAddresses;
  /** Blocks below the newest that a reorganisation may still remove. */
  readonly rewindableBlocks: number;
}

/** Most blocks whose logs are asked for at once, far below the newest. */
const bulkBlocks = 2_000;

/** A block that was reported. Without its change it cannot be taken back: it is too deep, or older than the watch. */
interface Reported {
  readonly block: Pick<Block, 'number' | 'hash'>;
  readonly change: Change | null;
}

/** Follows the chain from block to block: each stands on the one before, or that one is taken back first. */
export async function* watch(watched: Watched, from: WatchFrom): AsyncGenerator<Change, void> {
  const { pulse } = watched;
  const follower = new Follower(watched, from);
  const goesOn = () => !pulse.closed && from.signal?.aborted !== true;
  for (let isFirst = true; goesOn(); isFirst = false) {
    const { beats, head } = pulse;
    // What was told before anybody watched may be long ago.
    for await (const change of follower.look(isFirst ? null : head)) {
      yield change;
      if (!goesOn()) return;
    }
    await pulse.after(beats, from.signal);
  }
}

class Follower {
  readonly #watched: Watched;
  readonly #from: WatchFrom;
  /** Blocks reported, oldest first, as far back as a reorganisation may reach. */
  #reported: Reported[];
  #nextBlock: number;

  constructor(watched: Watched, from: WatchFrom) {
    this.#watched = watched;
    this.#from = from;
    this.#reported = from.after === undefined ? [] : [{ block: from.after, change: null }];
    this.#nextBlock = from.after === undefined ? (from.fromBlock ?? 0) : from.after.number + 1;
  }

  /** What has changed since the last look. @param told The newest block, if it is known already */
  async *look(told: Block | null): AsyncGenerator<Change, void> {
    const { node, rewindableBlocks } = this.#watched;
    const head = told ?? (await node.head());
    if (!this.#continues(head)) yield* this.#takeBack();
    const last = head.number - (this.#from.depth ?? 0);
    while (last - this.#nextBlock >= rewindableBlocks) {
      yield* this.#bulk(Math.min(this.#nextBlock + bulkBlocks, last - rewindableBlocks + 1));
    }
    while (this.#nextBlock <= last) {
      const change = await this.#next(head);
      // The chain changed under the look: the next one starts from what it is then.
      if (change === null) {
        this.#watched.pulse.beat();
        return;
      }
      yield this.#report(change);
    }
  }

  /** True if the newest block is the last that was reported, or stands on it: then all that was reported stands. */
  #continues({ hash, parentHash }: Block): boolean {
    const last = this.#reported.at(-1)?.block.hash;
    return last === hash || last === parentHash;
  }

  /** Takes back the blocks that are no longer in the chain, the newest first. */
  async *#takeBack(): AsyncGenerator<Change, void> {
    for (let last = this.#reported.at(-1); last !== undefined; last = this.#reported.at(-1)) {
      if ((await this.#watched.node.block(last.block.number))?.hash === last.block.hash) return;
      if (last.change === null) throw rewound(last.block);
      this.#reported.pop();
      this.#nextBlock = last.block.number;
      yield { ...last.change, kind: 'removed', events: last.change.events.toReversed() };
    }
  }

  /** The next block, if it stands on the last; its logs are asked for by its hash, so that they are its own. */
  async #next(head: Block): Promise<Change | null> {
    const { node, addresses } = this.#watched;
    const block = this.#nextBlock === head.number ? head : await node.block(this.#nextBlock);
    const parent = this.#reported.at(-1)?.block;
    if (block === null || (parent?.number === block.number - 1 && parent.hash !== block.parentHash))
      return null;
    try {
      const logs = await node.logs(watchedAddresses(addresses), { blockHash: block.hash });
      return this.#added(block, logs);
    } catch (error) {
      if (!(error instanceof RpcError) || (await node.block(block.number))?.hash === block.hash) throw error;
      return null; // the block was removed before its logs were read
    }
  }

  /** Blocks [next, end), deep enough to stay: of those only the ones with events are looked at. */
  async *#bulk(end: number): AsyncGenerator<Change, void> {
    const { node, addresses } = this.#watched;
    const range = { fromBlock: this.#nextBlock, toBlock: end - 1 };
    const logs = await node.logs(watchedAddresses(addresses), range);
    for (const [number, own] of Map.groupBy(logs, ({ blockNumber }) => blockNumber)) {
      const block = await node.block(number);
      if (block?.hash !== own[0]!.blockHash) throw rewound({ number, hash: own[0]!.blockHash });
      yield this.#report(this.#added(block, own));
    }
    this.#nextBlock = end;
  }

  #added(block: Block, logs: readonly Log[]): Change {
    const events = logs
      .toSorted((a, b) => a.logIndex - b.logIndex)
      .map((log) => eventOf(this.#watched.addresses, log))
      .filter((event): event is LedgerEvent => event !== null);
    return { kind: 'added', block, events };
  }

  #report(change: Change): Change {
    this.#reported.push({ block: change.block, change });
    this.#nextBlock = change.block.number + 1;
    const oldest = change.block.number - this.#watched.rewindableBlocks;
    while (this.#reported.length > 1 && this.#reported[1]!.block.number < oldest) this.#reported.shift();
    const [first] = this.#reported;
    if (first!.block.number < oldest) this.#reported[0] = { block: first!.block, change: null };
    return change;
  }
}

const watchedAddresses = ({ ledger, registry, vault }: LedgerAddresses) => [ledger, registry, vault];
