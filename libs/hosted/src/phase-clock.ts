import type { Event } from '#libs/protocol';
import type { Meters } from '#libs/simulation';

type Spent = Pick<Meters, 'training' | 'scoring' | 'merging' | 'chain'>;

/** What a round's time is counted as, from the event on. Of others' work only its phases can be seen. */
function beginning(event: Event): keyof Spent | null {
  if (event.kind === 'roundOpened') return 'training';
  if (event.kind === 'lineupPlaced') return 'scoring';
  if (event.kind === 'phaseOpened') return ofPhase[event.phase];
  return event.kind === 'modelCertified' ? 'chain' : null;
}

const ofPhase = { lineup: 'chain', commit: 'scoring', reveal: 'chain', settlement: 'merging' } as const;

/** Adds up, in ms of this machine, how long rounds have been in which of their parts. */
export class PhaseClock {
  readonly #spent: Spent = { training: 0, scoring: 0, merging: 0, chain: 0 };
  #doing: keyof Spent | null = null;
  #since = 0;

  get spent(): Spent {
    this.#add();
    return { ...this.#spent };
  }

  see(events: readonly Event[]): void {
    for (const event of events) {
      const begins = beginning(event);
      if (begins === null) continue;
      this.#add();
      this.#doing = begins;
    }
  }

  #add(): void {
    const now = performance.now();
    if (this.#doing !== null) (this.#spent as Record<keyof Spent, number>)[this.#doing] += now - this.#since;
    this.#since = now;
  }
}
