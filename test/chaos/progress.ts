import { isFault } from '#libs/fault';
import type { Ledger, LedgerEvent } from '#libs/ports';

/** How far a run is, as the chain says it. A chain that loses its newest blocks tells some of it twice. */
export class Progress {
  readonly #ledger: Ledger;
  readonly #run: bigint;
  readonly #ending = new AbortController();
  readonly #waiting = new Set<() => void>();
  /** The newest round that was settled; -1: none. */
  settled = -1;
  /** Rounds that came to nothing, with the phase in which they did. */
  readonly voids = new Map<number, string>();

  constructor(ledger: Ledger, run: bigint) {
    this.#ledger = ledger;
    this.#run = run;
    void this.#watch();
  }

  stop(): void {
    this.#ending.abort();
  }

  /** The round that is open at this moment, or comes next. */
  async now(): Promise<number> {
    return (await this.#ledger.run(this.#run))!.round;
  }

  /** Resolves when a round with this number or a later one is settled. @throws Error if that takes too long */
  async until(round: number, patienceMs: number): Promise<void> {
    if (this.settled >= round) return;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const look = (): void => {
      if (this.settled >= round) resolve(undefined);
    };
    const timer = setTimeout(() => {
      const { settled, voids } = this;
      const inVain = [...voids].map(([number, phase]) => `${number} (${phase})`).join(', ') || 'none';
      const so = `${settled} is the last that was; void: ${inVain}`;
      reject(new Error(`no round from ${round} on was settled for ${patienceMs} ms: ${so}`));
    }, patienceMs);
    this.#waiting.add(look);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  async #watch(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        for await (const { kind, events } of this.#ledger.watch({ signal })) {
          if (kind === 'added') this.#see(events);
        }
      } catch (error) {
        // What was looked at is no longer in the chain, or the chain is away: from the first block again.
        if (!isFault(error)) throw error;
      }
    }
  }

  #see(events: readonly LedgerEvent[]): void {
    for (const event of events) {
      if (event.kind === 'roundSettled') this.settled = Math.max(this.settled, event.round);
      if (event.kind === 'roundVoided') this.voids.set(event.round, event.phase);
    }
    for (const look of [...this.#waiting]) look();
  }
}

/** Everything that happened on a ledger, from its first block to its newest. */
export async function ledgerEvents(ledger: Ledger): Promise<LedgerEvent[]> {
  const events: LedgerEvent[] = [];
  const head = await ledger.head();
  for await (const { block, events: those } of ledger.watch({ fromBlock: 0 })) {
    events.push(...those);
    if (block.number >= head.number) break;
  }
  return events;
}
