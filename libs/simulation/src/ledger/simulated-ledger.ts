import type { Change, Ledger, LedgerActions, Sent, WatchFrom } from '#libs/ports';
import type { Signer } from '#libs/wire';
import type { Network } from '../network/network.ts';
import type { VirtualTime } from '../time/virtual-time.ts';

/** What the ledger costs: real time spent on it, and transactions by name. */
export interface LedgerUse {
  readonly realMs: number;
  readonly gas: number;
  readonly transactions: number;
  readonly refused: number;
}

/** One transaction, as it came out. */
export type OnSent = (action: string, sent: Sent) => void;

/**
 * A ledger at the far end of every site's line, in virtual time: a transaction is in a block one latency and one block
 * after it was sent, and every site hears of the block one latency later. Behind it is a real one, whose blocks are made
 * one by one, each by one transaction.
 */
export class SimulatedLedger {
  readonly #time: VirtualTime;
  readonly #network: Network;
  readonly #ledger: Ledger;
  readonly #blockMs: number;
  readonly #onSent: OnSent;
  readonly #changes: Change[] = [];
  readonly #watchers = new Map<string, Set<() => void>>();
  #use = { realMs: 0, gas: 0, transactions: 0, refused: 0 };

  constructor(
    time: VirtualTime,
    network: Network,
    ledger: Ledger,
    blockMs: number,
    onSent: OnSent = () => undefined,
  ) {
    this.#time = time;
    this.#network = network;
    this.#ledger = ledger;
    this.#blockMs = blockMs;
    this.#onSent = onSent;
  }

  get use(): LedgerUse {
    return { ...this.#use };
  }

  /** A transaction that was sent to the real ledger before time began to run: watchers hear of it first. */
  record(sent: Sent): void {
    if (sent.kind === 'done') this.#changes.push({ kind: 'added', block: sent.block, events: sent.events });
  }

  /** The ledger as a site has it. */
  at(site: string): Ledger {
    const ledger = this.#ledger;
    return {
      addresses: ledger.addresses,
      runs: () => this.#read(site, () => ledger.runs()),
      run: (run) => this.#read(site, () => ledger.run(run)),
      member: (run, account) => this.#read(site, () => ledger.member(run, account)),
      accountOf: (run, index) => this.#read(site, () => ledger.accountOf(run, index)),
      statementDigest: (statement) => this.#read(site, () => ledger.statementDigest(statement)),
      previewSettlement: (run, ballots) => this.#read(site, () => ledger.previewSettlement(run, ballots)),
      head: () => this.#read(site, () => ledger.head()),
      watch: (from) => this.#watch(site, from),
      as: (signer) => this.#actions(site, signer),
    };
  }

  #read<T>(site: string, read: () => Promise<T>): Promise<T> {
    return this.#perform(this.#network.model.latencyMs, site, read);
  }

  /** At the first instant at which the site reaches the ledger, however long it has been cut off. */
  async #perform<T>(afterMs: number, site: string, action: () => Promise<T>): Promise<T> {
    const nowMs = this.#time.nowMs();
    const reachedMs = this.#network.reachedMs(site, nowMs);
    return this.#time.perform(reachedMs - nowMs + afterMs, async () => {
      const start = performance.now();
      try {
        return await action();
      } finally {
        this.#use.realMs += performance.now() - start;
      }
    });
  }

  /** Every action of an account, each a transaction in virtual time. */
  #actions(site: string, signer: Signer): LedgerActions {
    const real = this.#ledger.as(signer);
    const groups = Object.entries(real).map(([name, group]) => [
      name,
      Object.fromEntries(
        Object.entries(group as Record<string, Action>).map(([action, act]) => [
          action,
          (...values: unknown[]) => this.#send(site, action, () => act(...values)),
        ]),
      ),
    ]);
    const actions: unknown = Object.fromEntries(groups);
    return actions as LedgerActions;
  }

  async #send(site: string, action: string, act: () => Promise<Sent>): Promise<Sent> {
    const { latencyMs } = this.#network.model;
    const sent = await this.#perform(latencyMs + this.#blockMs, site, async () => {
      const result = await act();
      this.#include(action, result);
      return result;
    });
    return sent;
  }

  #include(action: string, sent: Sent): void {
    this.#onSent(action, sent);
    this.#use.transactions++;
    if (sent.kind === 'reverted') {
      this.#use.refused++;
      return;
    }
    this.#use.gas += Number(sent.gasUsed);
    this.record(sent);
    const nowMs = this.#time.nowMs();
    for (const [site, watchers] of this.#watchers) {
      this.#time.at(this.#network.reachedMs(site, nowMs + this.#network.model.latencyMs), () => {
        for (const wake of [...watchers]) wake();
      });
    }
  }

  /** Blocks as they arrive at the site: those before the watch at once, each later one a latency after it was made. */
  async *#watch(site: string, { fromBlock = 0, signal }: WatchFrom): AsyncGenerator<Change, void> {
    const watchers = this.#watchers.get(site) ?? new Set<() => void>();
    this.#watchers.set(site, watchers);
    let next = 0;
    let arrived = this.#changes.length;
    let wakeUp: (() => void) | null = null;
    const wake = () => {
      arrived++;
      wakeUp?.();
    };
    watchers.add(wake);
    try {
      while (signal?.aborted !== true) {
        while (next < arrived && next < this.#changes.length) {
          const change = this.#changes[next++]!;
          if (change.block.number >= fromBlock) yield change;
        }
        await new Promise<void>((resolve) => (wakeUp = resolve));
        wakeUp = null;
      }
    } finally {
      watchers.delete(wake);
    }
  }
}

type Action = (...values: unknown[]) => Promise<Sent>;
