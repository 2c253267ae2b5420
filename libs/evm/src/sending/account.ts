import type { Refused } from '#libs/ports';
import type { ActorId } from '#libs/protocol';
import type { Signer } from '#libs/wire';
import { refusedByNode } from '../faults.ts';
import { refusalOf } from '../refusals.ts';
import type { EvmNode } from '../rpc/node.ts';
import { RpcError } from '../rpc/rpc.ts';
import type { Mined, Outbox } from './outbox.ts';
import { type Fees, type Order, type Signed, signed } from './transaction.ts';

/** Most gas that a transaction may use (EIP-7825). */
const maxGas = 2n ** 24n;

export interface Sending {
  readonly node: EvmNode;
  readonly outbox: Outbox;
  readonly chainId: bigint;
  /**
   * True: ask the node first whether the transaction would be refused, and how much gas it takes. Not needed where
   * gas is free and a refusal is answered to the transaction itself.
   */
  readonly asksFirst: boolean;
  fees(): Promise<Fees>;
  readonly onSpent?: (operation: string, gasUsed: bigint) => void;
}

export type Executed = (Mined & { readonly kind: 'mined' }) | Refused;

/** An account's transactions: one after the other they get their nonces and leave, and then wait side by side. */
export class AccountQueue {
  readonly id: ActorId;
  readonly #signer: Signer;
  readonly #sending: Sending;
  #turn: Promise<unknown> = Promise.resolve();
  #nextNonce: number | null = null;

  constructor(signer: Signer, sending: Sending) {
    this.id = signer.address;
    this.#signer = signer;
    this.#sending = sending;
  }

  /** Nonce of the next transaction, once those before it have left. */
  async nextNonce(): Promise<number> {
    return this.#inTurn(() => this.#nonce());
  }

  /**
   * Has an order executed, exactly once.
   * @param what The order in words, for faults.
   */
  async execute(what: string, order: Order): Promise<Executed> {
    // Asked at once and for all orders side by side; but they leave in the order in which they were given.
    const asked = this.#sending.asksFirst ? this.#gasFor(what, order) : Promise.resolve(maxGas);
    const departed = await this.#inTurn(async () => {
      const gasLimit = await asked;
      return typeof gasLimit === 'bigint' ? this.#depart(order, gasLimit) : gasLimit;
    });
    if ('kind' in departed) return departed;
    const mined = await departed.mined.catch((fault: unknown) => {
      this.#nextNonce = null; // what became of it, the chain alone knows
      throw fault;
    });
    this.#sending.onSpent?.(what, mined.receipt.gasUsed);
    if (mined.receipt.succeeded) return { kind: 'mined', ...mined };
    return departed.refusal === null
      ? this.#whyRefused(what, order, mined)
      : refusalOf(what, departed.refusal.revertData);
  }

  /** Gas with room for what other transactions change first; the refusal if the order would be refused. */
  async #gasFor(what: string, order: Order): Promise<bigint | Refused> {
    try {
      const estimate = await this.#sending.node.estimateGas({ from: this.id, ...order });
      const roomy = (estimate * 13n) / 10n + 50_000n;
      return roomy < maxGas ? roomy : maxGas;
    } catch (error) {
      return this.#refused(what, error);
    }
  }

  async #depart(
    order: Order,
    gasLimit: bigint,
  ): Promise<{ mined: Promise<Mined>; refusal: RpcError | null }> {
    const { chainId, outbox } = this.#sending;
    const fees = await this.#sending.fees();
    for (let attempt = 0; ; attempt++) {
      const nonce = await this.#nonce();
      const transaction = signed(this.#signer, order, { chainId, nonce, gasLimit, ...fees });
      const refusal = await this.#hand(transaction);
      if (refusal === null || (await this.#sending.node.knows(transaction.hash))) {
        this.#nextNonce = nonce + 1;
        return { mined: outbox.keep({ ...transaction, account: this.id, nonce }), refusal };
      }
      this.#nextNonce = null;
      if (!isAboutNonce(refusal) || attempt === 3) throw refusedByNode(this.id, refusal);
      await outbox.caughtUp();
    }
  }

  /** Gives the node a transaction; what it answers if it does not simply take it. */
  async #hand({ raw }: Signed): Promise<RpcError | null> {
    try {
      await this.#sending.node.sendRaw(raw);
      return null;
    } catch (error) {
      if (error instanceof RpcError) return error;
      throw error;
    }
  }

  /**
   * A block holds the refusal and not its reason, so the order is tried again on the state before that block, and, if it
   * was a transaction of the same block that stood in its way, after it.
   */
  async #whyRefused(what: string, order: Order, { receipt }: Mined): Promise<Refused> {
    const { node } = this.#sending;
    for (const at of [receipt.blockNumber - 1, receipt.blockNumber]) {
      try {
        await node.call({ from: this.id, ...order, gas: maxGas }, at);
      } catch (error) {
        return this.#refused(what, error);
      }
    }
    return refusalOf(what, null);
  }

  #refused(what: string, error: unknown): Refused {
    if (!(error instanceof RpcError)) throw error;
    if (error.revertData === null) throw refusedByNode(this.id, error);
    return refusalOf(what, error.revertData, error);
  }

  async #nonce(): Promise<number> {
    const { node, outbox } = this.#sending;
    // What was sent keeps its nonce, also while it has fallen out of the chain.
    this.#nextNonce ??= Math.max(await node.nonceOf(this.id, 'pending'), outbox.nonceAfter(this.id));
    return this.#nextNonce;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

/** Another process sends with the same key, or an earlier transaction fell out of the chain: counting begins anew. */
const isAboutNonce = ({ message }: RpcError): boolean => /nonce|underpriced/i.test(message);
