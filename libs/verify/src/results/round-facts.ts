import type { RoundRecord } from '#libs/experiment';
import type { Entry, Event, Outcome } from '#libs/protocol';

/** A round as the replay has it. */
export interface RoundFacts extends Pick<RoundRecord, 'round' | 'outcome' | 'fromMs' | 'toMs' | 'verdicts'> {
  /** Transactions executed when the blocks were made that opened and ended it. */
  readonly openedAt: number;
  readonly endedAt: number;
  /** null: void. */
  readonly settled: Outcome | null;
  /** In the order of the verdicts. */
  readonly entries: readonly Entry[];
}

/** Gathers from events what rounds.jsonl says of rounds. */
export class RoundsFacts {
  readonly #createdMs: number;
  readonly #ended: RoundFacts[] = [];
  #entries: readonly Entry[] = [];
  #open: { readonly round: number; readonly fromMs: number; readonly openedAt: number } | null = null;

  constructor(createdMs: number) {
    this.#createdMs = createdMs;
  }

  get ended(): readonly RoundFacts[] {
    return this.#ended;
  }

  see(events: readonly Event[], executed: number): void {
    for (const event of events) {
      if (event.kind === 'roundOpened') {
        this.#open = { round: event.round, fromMs: event.atMs - this.#createdMs, openedAt: executed };
        this.#entries = [];
      }
      if (event.kind === 'lineupPlaced') this.#entries = event.entries;
      if (event.kind === 'roundVoided') this.#end(event, null, 'void', executed);
      if (event.kind === 'roundSettled')
        this.#end(event, event.outcome, event.released ? 'released' : 'settled', executed);
    }
  }

  /** A round that never opened has no record. */
  #end(
    { round, atMs }: { readonly round: number; readonly atMs: number },
    settled: Outcome | null,
    outcome: RoundFacts['outcome'],
    endedAt: number,
  ): void {
    if (this.#open?.round !== round) return;
    const verdicts = verdictsOf(settled);
    const toMs = atMs - this.#createdMs;
    const entries = settled === null ? [] : this.#entries;
    this.#ended.push({ ...this.#open, outcome, toMs, verdicts, endedAt, settled, entries });
    this.#open = null;
  }
}

function verdictsOf(settled: Outcome | null): RoundRecord['verdicts'] {
  const verdicts = settled?.verdicts ?? [];
  const count = (is: (verdict: Outcome['verdicts'][number]) => boolean) => verdicts.filter(is).length;
  return {
    accepted: count(({ accepted }) => accepted),
    refused: count(({ accepted, tally }) => !accepted && tally !== 'unavailable'),
    unavailable: count(({ accepted, tally }) => !accepted && tally === 'unavailable'),
  };
}
