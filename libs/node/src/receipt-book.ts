import type { Blobs } from '#libs/ports';
import type { Digest, Entry, Receipt } from '#libs/protocol';
import { decodeReceipts, encodeReceipts, type Message, receiptOf, receiptsRoot } from '#libs/wire';

/** A lineup of 256 receipts, and room. */
const longestLineupBytes = 64 * 1024;
/** Lineups that are remembered until the ledger has them: those of a round's attempts. */
const mostLineups = 16;

/**
 * Receipts by digest, and lineups by the root that the ledger knows them by. A lineup is also an object, with its receipts in it:
 * so the ledger and the objects alone tell what happened, to whoever has heard no messages.
 */
export class ReceiptBook {
  readonly #run: Digest;
  readonly #blobs: Blobs;
  readonly #known = new Map<Digest, Receipt>();
  readonly #messages = new Map<Digest, Message<'receipt'>>();
  readonly #lineups = new Map<Digest, Entry[]>();

  constructor(run: Digest, blobs: Blobs) {
    this.#run = run;
    this.#blobs = blobs;
  }

  /** A receipt that its Trainer has signed. */
  add(message: Message<'receipt'>): Receipt {
    const receipt = receiptOf(message);
    this.#known.set(receipt.digest, receipt);
    this.#messages.set(receipt.digest, message);
    return receipt;
  }

  get(digest: Digest): Receipt | undefined {
    return this.#known.get(digest);
  }

  /** The signed message, to show it to others or to the ledger. */
  messageOf(digest: Digest): Message<'receipt'> | undefined {
    return this.#messages.get(digest);
  }

  /** Makes a lineup readable for whoever knows its root. Digests in the order of the lineup, of receipts that are known. */
  async storeLineup(digests: readonly Digest[]): Promise<void> {
    const receipts = digests.map((digest) => this.#known.get(digest)!);
    await this.#blobs.put(encodeReceipts(this.#run, receipts), { kind: 'lineup' });
    this.#remember(receiptsRoot(digests), receipts.map(entryOf));
  }

  /** The entries behind a lineup's root; null if they cannot be had (yet). */
  async lineupOf(root: Digest): Promise<Entry[] | null> {
    const known = this.#lineups.get(root);
    if (known !== undefined) return known;
    const bytes = await this.#blobs.get(root, longestLineupBytes, { kind: 'lineup' });
    const receipts = bytes === null ? null : decodeReceipts(bytes);
    if (receipts === null) return null;
    for (const receipt of receipts) {
      if (!this.#known.has(receipt.digest)) this.#known.set(receipt.digest, receipt);
    }
    return receipts.map(entryOf);
  }

  #remember(root: Digest, entries: Entry[]): void {
    this.#lineups.set(root, entries);
    if (this.#lineups.size > mostLineups) this.#lineups.delete(this.#lineups.keys().next().value!);
  }

  /** Forgets the receipts that no lineup can take any more. */
  forget(isUsed: (receipt: Receipt) => boolean): void {
    for (const [digest, receipt] of this.#known) {
      if (!isUsed(receipt)) continue;
      this.#known.delete(digest);
      this.#messages.delete(digest);
    }
  }
}

export const entryOf = ({ trainer, sequence, base, digest }: Receipt): Entry => ({
  trainer,
  sequence,
  base,
  receipt: digest,
});
