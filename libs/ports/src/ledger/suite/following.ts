import assert from 'node:assert/strict';
import type { LedgerEvent } from '../events.ts';
import type { Change, Ledger, WatchFrom } from '../ledger.ts';
import type { Block } from '../values.ts';

/** One event among all, across reorganisations: block, transaction and place in the block. */
export const keyOf = (block: Block, { at, kind }: LedgerEvent): string =>
  `${block.hash} ${at.transaction} ${at.logIndex} ${kind}`;

/**
 * A follower that trusts nothing: it fails when a block is added that does not come after the last, or when one is
 * removed that is not the last or not with the events with which it was added.
 */
export class Following {
  readonly changes: Change[] = [];
  /** What stands, oldest first. */
  readonly standing: Change[] = [];
  /** What was taken back, in that order. */
  readonly removed: Change[] = [];

  take(change: Change): void {
    this.changes.push(change);
    const last = this.standing.at(-1);
    if (change.kind === 'added') {
      assert.ok(
        last === undefined || change.block.number > last.block.number,
        'a block was added below the last',
      );
      const follows = last === undefined || change.block.number > last.block.number + 1;
      assert.ok(follows || change.block.parentHash === last.block.hash, 'a block was added beside the last');
      this.standing.push(change);
    } else {
      assert.equal(change.block.hash, last?.block.hash, 'a block was removed that was not the last');
      assert.deepEqual(
        change.events.toReversed(),
        last!.events,
        'a block was removed with other events than it had',
      );
      this.standing.pop();
      this.removed.push(change);
    }
  }

  /** Every event that stands, in order. */
  get events(): LedgerEvent[] {
    return this.standing.flatMap(({ events }) => events);
  }

  get keys(): string[] {
    return this.standing.flatMap(({ block, events }) => events.map((event) => keyOf(block, event)));
  }
}

/** A watcher at work, and a way to wait for what it has to see: no clock, only changes. */
export class Watching {
  readonly following: Following;
  readonly #stop = new AbortController();
  readonly #waiting = new Set<() => void>();
  readonly #ended: Promise<void>;
  #failure: Error | null = null;

  constructor(ledger: Ledger, from: WatchFrom, following = new Following()) {
    this.following = following;
    this.#ended = this.#watch(ledger, { ...from, signal: this.#stop.signal });
  }

  /** Resolves once enough has been seen. @throws whatever ended the watching before. */
  until(enough: (following: Following) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const ended = this.#failure !== null || this.#stop.signal.aborted;
        if (!ended && !enough(this.following)) return;
        this.#waiting.delete(look);
        if (this.#failure === null) resolve();
        else reject(this.#failure);
      };
      this.#waiting.add(look);
      look();
    });
  }

  async stop(): Promise<Following> {
    this.#stop.abort();
    await this.#ended;
    if (this.#failure !== null) throw this.#failure;
    return this.following;
  }

  async #watch(ledger: Ledger, from: WatchFrom): Promise<void> {
    try {
      for await (const change of ledger.watch(from)) {
        this.following.take(change);
        for (const look of [...this.#waiting]) look();
      }
    } catch (failure) {
      this.#failure = failure as Error;
      for (const look of [...this.#waiting]) look();
    }
  }
}

/** Follows until the chain's newest block, as it is now, stands. */
export async function followToHead(
  ledger: Ledger,
  from: WatchFrom,
  following?: Following,
): Promise<Following> {
  const head = await ledger.head();
  const watching = new Watching(ledger, from, following);
  await watching.until(({ standing }) => standing.at(-1)?.block.hash === head.hash);
  return watching.stop();
}
