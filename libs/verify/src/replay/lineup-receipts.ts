import { entryOf, ReceiptBook } from '#libs/node';
import type { Digest, Entry } from '#libs/protocol';
import { type Message, receiptOf, receiptsRoot } from '#libs/wire';

/** An object store from which nothing can be had: what it held of lineups is in the folder otherwise. */
const nothing = {
  put: () => Promise.reject(new Error('whoever verifies stores nothing')),
  get: () => Promise.resolve(null),
};

/**
 * Receipts as the observer had them. What is behind a lineup's root on the ledger was an object and is not kept: the recorded
 * lineup takes its place, since no other list has the same root.
 */
export class LineupReceipts extends ReceiptBook {
  readonly #said: ReadonlyMap<Digest, Message<'receipt'>>;
  #recorded: readonly Entry[] | null = null;
  #unsigned = 0;

  /** @param said Every receipt that is among the statements, by its digest. */
  constructor(run: Digest, said: ReadonlyMap<Digest, Message<'receipt'>>) {
    super(run, nothing);
    this.#said = said;
  }

  /** Entries whose receipt is not among the statements: known by its digest alone. */
  get unsigned(): number {
    return this.#unsigned;
  }

  /** The entry of a receipt that is among the statements, heard by now or not. */
  said(receipt: Digest): Entry | undefined {
    const message = this.#said.get(receipt);
    return message && entryOf(receiptOf(message));
  }

  /** What the next lineup is said to hold; null: the record has none here. */
  record(entries: readonly Entry[] | null): void {
    this.#recorded = entries;
  }

  override lineupOf(root: Digest): Promise<Entry[] | null> {
    const recorded = this.#recorded;
    if (recorded === null || rootOf(recorded) !== root) return Promise.resolve(null);
    return Promise.resolve(recorded.map((entry) => this.#entry(entry)));
  }

  #entry(recorded: Entry): Entry {
    const message = this.#said.get(recorded.receipt);
    if (message === undefined) {
      this.#unsigned++;
      return recorded;
    }
    // Whoever had not heard it by then has read it where the lineup's receipts are stored.
    return entryOf(this.get(recorded.receipt) ?? this.add(message));
  }
}

const rootOf = (entries: readonly Entry[]): Digest => receiptsRoot(entries.map(({ receipt }) => receipt));
