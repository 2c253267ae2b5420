/** What one sender may use, per second and at once. */
export interface Budget {
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  /** How many seconds' worth may come at once, after a time of silence. */
  readonly burstSeconds: number;
}

interface Bucket {
  messages: number;
  bytes: number;
  atMs: number;
}

/** Senders that are remembered; a stranger's name costs nothing, so there may be any number. */
const mostSenders = 4_096;

/** Token buckets, one for the messages and one for the bytes of each sender. */
export class Budgets {
  readonly #budget: Budget;
  readonly #buckets = new Map<string, Bucket>();

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** Takes a message's share; false, and nothing taken, if the sender has too little left. @param atMs When it was sent. */
  spend(sender: string, sizeBytes: number, atMs: number): boolean {
    const bucket = this.#bucketOf(sender, atMs);
    if (bucket.messages < 1 || bucket.bytes < sizeBytes) return false;
    bucket.messages -= 1;
    bucket.bytes -= sizeBytes;
    return true;
  }

  #bucketOf(sender: string, nowMs: number): Bucket {
    const { messagesPerSecond, bytesPerSecond, burstSeconds } = this.#budget;
    const full = { messages: messagesPerSecond * burstSeconds, bytes: bytesPerSecond * burstSeconds };
    const known = this.#buckets.get(sender);
    // At the end of the map are those who spoke last.
    if (known !== undefined) this.#buckets.delete(sender);
    const bucket = known ?? { ...full, atMs: nowMs };
    this.#buckets.set(sender, bucket);
    // An instant before the last one gives nothing and takes nothing.
    const seconds = Math.max(0, nowMs - bucket.atMs) / 1_000;
    bucket.messages = Math.min(full.messages, bucket.messages + seconds * messagesPerSecond);
    bucket.bytes = Math.min(full.bytes, bucket.bytes + seconds * bytesPerSecond);
    bucket.atMs = Math.max(bucket.atMs, nowMs);
    this.#forget();
    return bucket;
  }

  /** The longest silent go first: their buckets are the fullest, so that nearly nothing is forgotten. */
  #forget(): void {
    if (this.#buckets.size <= mostSenders) return;
    for (const sender of this.#buckets.keys()) {
      this.#buckets.delete(sender);
      return;
    }
  }
}
