import { type CodecName, decode, type Layout, maxSizeBytes, type Parameters } from '#libs/learning';
import {
  type ActorId,
  type Digest,
  type Event,
  find,
  openRound,
  type Receipt,
  type RunState,
} from '#libs/protocol';
import type { Hex, Message } from '#libs/wire';
import type { Agent, Follower } from './follower.ts';
import type { Recall } from './recall.ts';
import { giveBack, sealedSize, sha256, unseal } from './sealing.ts';

/** An update as its Trainer meant it. */
export interface Update {
  readonly trainer: ActorId;
  readonly receipt: Digest;
  readonly delta: Float32Array;
  /** What its Trainer says it has trained on; nobody can check it. */
  readonly samples: number;
}

/** Under which name a Recall keeps what becomes of opening an update: its receipt says what was sealed. */
export const openingOf = ({ digest }: Receipt, key: Hex): string => `update ${digest} ${key}`;

/** What the plain bytes of a receipt's update mean; null if nothing. */
export function updateIn(
  plain: Uint8Array,
  { trainer, digest }: Receipt,
  codec: CodecName,
  layout: Layout,
): Update | null {
  const decoded = decode(codec, plain, layout);
  if (decoded.kind === 'refused') return null;
  const { parameters, metadata } = decoded;
  return { trainer, receipt: digest, delta: parameters.values, samples: metadata.samples ?? 1 };
}

/**
 * Opens the sealed updates of a lineup as their keys arrive, and tells the follower which of them are what their receipts
 * say. A key counts once the lineup is on the ledger; one that comes before waits.
 */
export class UpdateOpener implements Agent {
  readonly actor = null;
  readonly #follower: Follower;
  readonly #codec: CodecName;
  readonly #initial: Parameters;
  readonly #recall: Recall;
  readonly #keys = new Map<Digest, Hex>();
  readonly #updates = new Map<Digest, Update | null>();

  constructor(follower: Follower, codec: CodecName, initial: Parameters, recall: Recall) {
    this.#follower = follower;
    this.#codec = codec;
    this.#initial = initial;
    this.#recall = recall;
  }

  /** Opened updates, by receipt; null: opened, and not what its receipt says. */
  get(receipt: Digest): Update | null | undefined {
    return this.#updates.get(receipt);
  }

  hear(message: Message): void {
    if (message.kind !== 'updateKey') return;
    const { receipt, key } = message.body;
    // Whose update it is says the receipt; a key that does not open it would only have to be tried.
    if (this.#follower.receipts.get(receipt)?.trainer !== message.sender || this.#keys.has(receipt)) return;
    this.#keys.set(receipt, key);
    this.#openWhatCounts(this.#follower.state);
  }

  see(events: readonly Event[], state: RunState): void {
    if (events.some(({ kind }) => kind === 'roundOpened')) this.#forget(state);
    if (events.some(({ kind }) => kind === 'lineupPlaced')) this.#openWhatCounts(state);
  }

  #openWhatCounts(state: RunState): void {
    const round = openRound(state);
    if (round === null || !('lineup' in round.phase)) return;
    for (const { receipt: digest } of round.phase.lineup.entries) {
      const receipt = this.#follower.receipts.get(digest);
      const key = this.#keys.get(digest);
      if (receipt === undefined || key === undefined) continue;
      const known = this.#updates.get(digest);
      if (known !== undefined) this.#tell(round.number, receipt, known);
      else if (!this.#opening.has(digest)) this.#open(round.number, receipt, key);
    }
  }

  readonly #opening = new Set<Digest>();

  #open(round: number, receipt: Receipt, key: Hex): void {
    this.#opening.add(receipt.digest);
    this.#read(receipt, key)
      .then((update) => {
        this.#updates.set(receipt.digest, update);
        this.#tell(round, receipt, update);
      })
      .catch(this.#follower.world.fail)
      .finally(() => this.#opening.delete(receipt.digest));
  }

  #tell(round: number, { trainer, sequence }: Receipt, update: Update | null): void {
    this.#follower.say({ kind: 'opened', round, trainer, sequence, intact: update !== null });
  }

  async #read(receipt: Receipt, key: Hex): Promise<Update | null> {
    const { layout } = this.#initial;
    const limit = maxSizeBytes(this.#codec, layout);
    if (typeof limit !== 'number' || receipt.sizeBytes > sealedSize(limit)) return null;
    const what = { kind: 'update', by: receipt.trainer } as const;
    const sealed = await this.#follower.world.blobs.get(receipt.sealed, receipt.sizeBytes, what);
    if (sealed === null) return null;
    return this.#recall.once(openingOf(receipt, key), () => {
      const plain = unseal(sealed, Buffer.from(key.slice(2), 'hex'));
      if (plain === null) return null;
      const update = sha256(plain) === receipt.plain ? updateIn(plain, receipt, this.#codec, layout) : null;
      giveBack(plain);
      return update;
    });
  }

  /** Keeps what the next lineup may still hold: receipts that no settlement has used. */
  #forget({ trainers }: RunState): void {
    for (const digest of [...this.#keys.keys()]) {
      const receipt = this.#follower.receipts.get(digest);
      const used = receipt && (find(trainers, receipt.trainer)?.usedSequence ?? -1) >= receipt.sequence;
      if (receipt !== undefined && used === false) continue;
      this.#keys.delete(digest);
      this.#updates.delete(digest);
    }
  }
}
