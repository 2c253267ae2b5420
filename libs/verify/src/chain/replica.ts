import type { TransactionRecord } from '#libs/experiment';
import type { Change, Ledger } from '#libs/ports';
import type { ActorId, Digest } from '#libs/protocol';
import type { Hex } from '#libs/wire';
import { differs, lineOf, type Place, requireSame } from '../difference.ts';
import type { FreshChain, OpenFreshChain } from './fresh-chain.ts';

/** A transaction that was executed once more, with the same result. */
export interface Executed {
  readonly record: TransactionRecord;
  readonly place: Place;
  readonly from: ActorId;
  /** null: a deployment. */
  readonly to: ActorId | null;
  readonly data: Hex;
  /** Its block, and what the ledger said in it. */
  readonly change: Change;
}

const file = 'transactions.jsonl';

/**
 * The chain of a folder once more: a fresh one, on which the recorded transactions are executed one after the other, each
 * when it is asked for, so that the contracts can be asked what they said in between.
 */
export class Replica {
  readonly #records: readonly TransactionRecord[];
  readonly #made: TransactionRecord[] = [];
  #chain!: FreshChain;
  #ledger: Ledger | null = null;
  #next = 0;

  private constructor(records: readonly TransactionRecord[]) {
    this.#records = records;
  }

  static async open(openChain: OpenFreshChain, records: readonly TransactionRecord[]): Promise<Replica> {
    const replica = new Replica(records);
    replica.#chain = await openChain({
      now: () => (records[replica.#made.length] ?? records.at(-1))?.timeSeconds ?? 0,
      onTransaction: (transaction) => replica.#made.push(transaction),
    });
    return replica;
  }

  get chain(): FreshChain {
    return this.#chain;
  }

  /** Transactions that were executed. */
  get executed(): number {
    return this.#next;
  }

  /** The one that is executed next, as it is recorded. */
  get upcoming(): TransactionRecord | undefined {
    return this.#records[this.#next];
  }

  /**
   * Compares what has been done on the chain by other means with the record: the deployment, which is worked out from the
   * plan, byte for byte.
   */
  compareMade(nameOf: (position: number) => string): void {
    for (; this.#next < this.#made.length; this.#next++) {
      const place = lineOf(file, this.#next + 1);
      const record = this.#records[this.#next];
      if (record === undefined) throw differs({ file }, `ends before ${nameOf(this.#next)}`);
      const what = `is not ${nameOf(this.#next)} that the plan and this version of the product make`;
      requireSame(place, what, this.#made[this.#next], record);
    }
  }

  /** From here on every block is asked what this ledger said in it. */
  attach(ledger: Ledger): void {
    this.#ledger = ledger;
  }

  /** Executes the next transaction of the record as it is; null at its end. */
  async next(): Promise<Executed | null> {
    if (this.upcoming === undefined) return null;
    const record = await this.#execute();
    const place = lineOf(file, this.#next);
    return { record, place, ...(await this.#parts(record.hash)), change: await this.#changeOf(record.block) };
  }

  /** Executes a deployment of the record as it is. */
  async deployRecorded(): Promise<{ readonly from: ActorId; readonly created: ActorId | null }> {
    if (this.upcoming === undefined) throw differs({ file }, 'ends before the deployment of the policy');
    const { hash } = await this.#execute();
    const { from } = await this.#parts(hash);
    const receipt = await this.#chain.rpc.request('eth_getTransactionReceipt', [hash]);
    const { contractAddress } = receipt as { contractAddress: ActorId | null };
    return { from, created: contractAddress === null ? null : lowered(contractAddress) };
  }

  async #execute(): Promise<TransactionRecord> {
    const record = this.#records[this.#next]!;
    const place = lineOf(file, this.#next + 1);
    const refused = await this.#send(record.raw);
    const made = this.#made[this.#next];
    if (made === undefined)
      throw differs(place, `cannot be executed: ${refused ?? 'the chain does not take it'}`);
    requireSame(place, 'has another result', made, record);
    this.#next++;
    return record;
  }

  /** null, or what the chain says of a transaction that it did not simply take; one that reverts is in a block all the same. */
  async #send(raw: Hex): Promise<string | null> {
    try {
      await this.#chain.rpc.request('eth_sendRawTransaction', [raw]);
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  }

  async #parts(hash: Digest): Promise<Pick<Executed, 'from' | 'to' | 'data'>> {
    const answer = await this.#chain.rpc.request('eth_getTransactionByHash', [hash]);
    const { from, to, input } = answer as { from: ActorId; to: ActorId | null; input: Hex };
    return { from: lowered(from), to: to === null ? null : lowered(to), data: input };
  }

  async #changeOf(block: number): Promise<Change> {
    if (this.#ledger === null) throw new Error('blocks are read when the ledger is known');
    for await (const change of this.#ledger.watch({ fromBlock: block })) return change;
    throw new Error(`the chain was closed at block ${block}`);
  }
}

const lowered = (address: ActorId): ActorId => address.toLowerCase() as ActorId;
