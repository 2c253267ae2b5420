import { BallotBook, SignatureBook } from '#libs/node';
import {
  createRun,
  type Entry,
  type Event,
  find,
  type Input,
  openRound,
  type Receipt,
  type RunState,
  step,
} from '#libs/protocol';
import type { Deployment } from '#libs/simulation';
import type { LineupReceipts } from './lineup-receipts.ts';

/** What one input did. */
export interface Taken {
  readonly before: RunState;
  readonly state: RunState;
  readonly events: readonly Event[];
}

/** The observer whose log the folder holds, once more: the run's state as it had it, and what it had read by then. */
export class Observer {
  readonly run: bigint;
  readonly receipts: LineupReceipts;
  readonly signatures = new SignatureBook();
  readonly ballots: BallotBook;
  readonly #lineups = new Map<number, readonly Entry[]>();
  #state: RunState;

  constructor({ run, config, createdMs }: Deployment, receipts: LineupReceipts) {
    this.run = run;
    this.receipts = receipts;
    this.ballots = new BallotBook(run);
    this.#state = createRun(config, createdMs);
  }

  get state(): RunState {
    return this.#state;
  }

  /** What a round's lineup holds, also after the round. */
  lineupOf(round: number): readonly Entry[] | undefined {
    return this.#lineups.get(round);
  }

  take(input: Input): Taken {
    const before = this.#state;
    const { state, events } = step(before, input);
    this.#state = state;
    for (const event of events)
      if (event.kind === 'lineupPlaced') this.#lineups.set(event.round, event.entries);
    return { before, state, events };
  }

  /** What every follower does when a round opens: it forgets what no lineup can take any more. */
  begin(): void {
    this.signatures.forgetBefore((openRound(this.#state)?.number ?? 0) - 1);
    this.receipts.forget((receipt) => isUsed(this.#state, receipt));
  }
}

const isUsed = ({ trainers }: RunState, { trainer, sequence }: Receipt): boolean =>
  sequence <= (find(trainers, trainer)?.usedSequence ?? -1);
