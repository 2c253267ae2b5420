import type { Blobs } from '#libs/ports';
import type { Digest, Entry, Receipt } from '#libs/protocol';
import { contentBytes, decodeContent, type Message, receiptOf } from '#libs/wire';

const digestBytes = 32;
/** A receipt's content is shorter than this, whatever it says. */
const longestReceiptBytes = 1024;
const longestLineupBytes = 256 * digestBytes;

/**
 * Receipts by digest. Every receipt, and the list of a lineup's, is also a blob: a receipt's digest is that of its
 * content, and a lineup's root on the ledger is that of its receipts' digests. So the ledger and the blobs alone tell what
 * a lineup holds, to whoever has missed the messages.
 */
export class ReceiptBook {
  readonly #blobs: Blobs;
  readonly #known = new Map<Digest, Receipt>();
  readonly #messages = new Map<Digest, Message<'receipt'>>();

  constructor(blobs: Blobs) {
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

  /** Makes a receipt readable for whoever knows its digest. */
  async store(message: Message<'receipt'>): Promise<void> {
    await this.#blobs.put(contentBytes(message), { kind: 'receipt' });
  }

  /** Makes a receipt of one's own readable for whoever knows its digest. */
  async storeOwn(message: Message<'receipt'>): Promise<void> {
    await this.#blobs.put(contentBytes(message), { kind: 'receipt', by: message.sender });
  }

  /** Makes a lineup readable for whoever knows its root. Digests in the order of the lineup. */
  async storeLineup(receipts: readonly Digest[]): Promise<void> {
    const list = Buffer.concat(receipts.map((digest) => Buffer.from(digest.slice(2), 'hex')));
    await this.#blobs.put(list, { kind: 'lineup' });
  }

  /** The entries behind a lineup's root; null if they cannot be had (yet). */
  async lineupOf(root: Digest): Promise<Entry[] | null> {
    const list = await this.#blobs.get(root, longestLineupBytes, { kind: 'lineup' });
    if (list === null || list.length === 0 || list.length % digestBytes !== 0) return null;
    const entries: Entry[] = [];
    for (let at = 0; at < list.length; at += digestBytes) {
      const digest: Digest = `0x${Buffer.from(list.subarray(at, at + digestBytes)).toString('hex')}`;
      const receipt = this.#known.get(digest) ?? (await this.#fetch(digest));
      if (receipt === null) return null;
      entries.push(entryOf(receipt));
    }
    return entries;
  }

  async #fetch(digest: Digest): Promise<Receipt | null> {
    const bytes = await this.#blobs.get(digest, longestReceiptBytes, { kind: 'receipt' });
    const content = bytes === null ? null : decodeContent(bytes);
    if (content?.kind !== 'receipt') return null;
    const receipt = receiptOf(content);
    this.#known.set(digest, receipt);
    return receipt;
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
