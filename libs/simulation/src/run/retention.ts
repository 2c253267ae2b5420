import type { ReceiptBook } from '#libs/node';
import { type ActorId, type Digest, type Entry, find, type RunState } from '#libs/protocol';
import type { MemoryBlobs } from '../network/memory-blobs.ts';
import type { Keeper } from './keeper.ts';

/** Models that somebody may still ask for: a slow Trainer, one that has just come back. */
const keptModels = 4;

/** Keeps of a settled round what is to be kept, and lets go of the rest: nobody asks for it any more. */
export class Retention {
  readonly #blobs: MemoryBlobs;
  readonly #receipts: Pick<ReceiptBook, 'get'>;
  readonly #keeper: Keeper | null;
  readonly #models: Digest[] = [];
  #lineup: readonly Entry[] = [];

  constructor(blobs: MemoryBlobs, receipts: Pick<ReceiptBook, 'get'>, keeper: Keeper | null) {
    this.#blobs = blobs;
    this.#receipts = receipts;
    this.#keeper = keeper;
  }

  /** The lineup whose updates are in use from now on. */
  use(lineup: readonly Entry[]): void {
    this.#lineup = lineup;
  }

  async settle(state: RunState): Promise<void> {
    if (state.version > 0) await this.#keeper?.model(state.release, this.#peek(state.release));
    this.#models.push(state.release);
    for (const { trainer, receipt } of this.#lineup) {
      const sealed = this.#receipts.get(receipt)?.sealed;
      if (sealed === undefined || isWaiting(state, trainer, receipt)) continue;
      await this.#keeper?.update(this.#peek(sealed));
      this.#blobs.forget(sealed);
    }
    while (this.#models.length > keptModels) {
      const old = this.#models.shift()!;
      if (!this.#models.includes(old)) this.#blobs.forget(old);
    }
  }

  #peek(digest: Digest): Uint8Array | null {
    return this.#blobs.peek(digest) ?? null;
  }
}

/** An update that the next lineup will hold: it was accepted, and nothing was released. */
const isWaiting = ({ trainers }: RunState, trainer: ActorId, receipt: Digest): boolean =>
  find(trainers, trainer)?.unused.some((held) => held.receipt.digest === receipt) === true;
