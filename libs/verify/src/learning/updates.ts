import type { RunFolder } from '#libs/experiment';
import { decode, type Layout, maxSizeBytes, type CodecName } from '#libs/learning';
import { sealedSize, sha256, unseal } from '#libs/node';
import type { Digest, Entry, Receipt } from '#libs/protocol';
import { bytesOf, type Hex, receiptOf } from '#libs/wire';
import type { Statement } from '../statements.ts';
import type { AskWorkbench } from './workbench.ts';

/** What becomes of an update when it is opened once more. */
export type Opening =
  | { readonly kind: 'opened'; readonly delta: Float32Array; readonly samples: number }
  /** It is not what its receipt says. */
  | { readonly kind: 'broken' }
  /** Its blob, its receipt or its key was not kept, or the model is not here. */
  | { readonly kind: 'closed' };

export interface Key {
  readonly key: Hex;
  /** When it was first heard. */
  readonly atMs: number;
}

/** The sealed updates of a folder, opened with the keys that their Trainers have told. */
export class Updates {
  readonly #folder: RunFolder;
  readonly #codec: CodecName;
  readonly #workbench: AskWorkbench;
  readonly #receipts = new Map<Digest, Receipt>();
  readonly #keys = new Map<string, Key>();
  /** Receipts that were heard before their key: without one nobody knows whose a key is. */
  readonly #readable = new Set<Digest>();

  constructor(folder: RunFolder, statements: readonly Statement[], workbench: AskWorkbench) {
    this.#folder = folder;
    this.#codec = folder.plan.learning.codec;
    this.#workbench = workbench;
    for (const { message, atMs } of statements) {
      if (message.kind === 'receipt') {
        const receipt = receiptOf(message);
        this.#receipts.set(receipt.digest, receipt);
      }
      if (message.kind !== 'updateKey') continue;
      // The first one counts, as with every node.
      const name = keyName(message.sender, message.body.receipt);
      if (this.#keys.has(name)) continue;
      this.#keys.set(name, { key: message.body.key, atMs });
      if (this.#receipts.has(message.body.receipt)) this.#readable.add(message.body.receipt);
    }
  }

  keyOf({ trainer, receipt }: Pick<Entry, 'trainer' | 'receipt'>): Key | undefined {
    return this.#keys.get(keyName(trainer, receipt));
  }

  /** True if whoever has heard everything before an instant can open it. */
  isReadableBefore(entry: Pick<Entry, 'trainer' | 'receipt'>, atMs: number): boolean {
    const key = this.keyOf(entry);
    return key !== undefined && key.atMs < atMs && this.#readable.has(entry.receipt);
  }

  sizeOf({ receipt }: Pick<Entry, 'receipt'>): number {
    return this.#receipts.get(receipt)?.sizeBytes ?? 0;
  }

  async open(entry: Pick<Entry, 'trainer' | 'receipt'>): Promise<Opening> {
    const receipt = this.#receipts.get(entry.receipt);
    const key = this.keyOf(entry);
    if (receipt === undefined || key === undefined) return closed;
    const sealed = await this.#folder.blob(receipt.sealed);
    const workbench = sealed === undefined ? null : await this.#workbench();
    if (sealed === undefined || workbench === null) return closed;
    const { layout } = workbench.learner;
    const limit = maxSizeBytes(this.#codec, layout);
    if (typeof limit !== 'number' || receipt.sizeBytes > sealedSize(limit)) return broken;
    return sealed.length > receipt.sizeBytes ? broken : this.#read(sealed, key.key, receipt, layout);
  }

  #read(sealed: Uint8Array, key: Hex, { plain: digest }: Receipt, layout: Layout): Opening {
    const plain = unseal(sealed, bytesOf(key));
    if (plain === null || sha256(plain) !== digest) return broken;
    const decoded = decode(this.#codec, plain, layout);
    if (decoded.kind === 'refused') return broken;
    return { kind: 'opened', delta: decoded.parameters.values, samples: decoded.metadata.samples ?? 1 };
  }
}

const closed = { kind: 'closed' } as const;
const broken = { kind: 'broken' } as const;
const keyName = (trainer: string, receipt: Digest): string => `${trainer} ${receipt}`;
