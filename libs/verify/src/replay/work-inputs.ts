import { isDeepStrictEqual } from 'node:util';
import type { Ledger, LedgerBallots, Previewed, Refused } from '#libs/ports';
import { type Entry, find, type InputOf, openRound, type RunState, tallies } from '#libs/protocol';
import { encodeLineup, type Place as LineupPlace } from '#libs/wire';
import { differs, type Place, requireSame } from '../difference.ts';
import type { Updates } from '../learning/updates.ts';
import type { LedgerInputs } from './ledger-inputs.ts';
import type { Observer, Taken } from './observer.ts';

/** What the observer worked out: which updates open, and what the contract says that a settlement will be. */
export class WorkInputs {
  readonly #observer: Observer;
  readonly #ledger: Ledger;
  readonly #inputs: LedgerInputs;
  readonly #updates: Updates;
  readonly #scoresBase: boolean;
  #revealSince = 0;

  constructor(
    observer: Observer,
    ledger: Ledger,
    inputs: LedgerInputs,
    updates: Updates,
    scoresBase: boolean,
  ) {
    this.#observer = observer;
    this.#ledger = ledger;
    this.#inputs = inputs;
    this.#updates = updates;
    this.#scoresBase = scoresBase;
  }

  /** Its key had been told, and the blob, where it was kept, opens to what the receipt says or does not. */
  async checkOpened(
    place: Place,
    { round, trainer, sequence, intact, atMs }: InputOf<'opened'>,
  ): Promise<void> {
    const entry = this.#observer
      .lineupOf(round)
      ?.find((one) => one.trainer === trainer && one.sequence === sequence);
    if (entry === undefined) throw differs(place, 'opens an update that is in no lineup');
    const key = this.#updates.keyOf(entry);
    if (key === undefined || key.atMs > atMs)
      throw differs(place, 'opens an update whose key nobody had told');
    const update = await this.#updates.open(entry);
    if (update.kind !== 'closed')
      requireSame(place, 'is not what the blob shows', { intact: update.kind === 'opened' }, { intact });
  }

  /**
   * The contract said so after some block: one between that which all had committed by and the newest one. Usually after
   * the last that was told; but who asks hears what another was answered before, and asks a chain that is ahead.
   */
  async checkPreview(place: Place, { round, outcome, parent, atMs }: InputOf<'preview'>): Promise<void> {
    const ballots = this.#ballotsOf(round);
    if (ballots === null) throw differs(place, 'previews a round that is not being settled');
    const found = { outcome, parent };
    const ask = (block: number) => this.#ledger.previewSettlement(this.#observer.run, ballots, block);
    const told = this.#inputs.toldBlock;
    const first = await ask(told);
    if (isDeepStrictEqual(asExpected(first), found)) return;
    for (let block = told - 1; block >= this.#revealSince; block--)
      if (isDeepStrictEqual(asExpected(await ask(block)), found)) return;
    await this.#inputs.goOnTo(atMs / 1000);
    for (let block = told + 1; block <= this.#inputs.executed; block++)
      if (isDeepStrictEqual(asExpected(await ask(block)), found)) return;
    requireSame(place, 'is not what the contract says', asExpected(first), found);
  }

  /** Notes since which block ballots can be known. */
  after({ events }: Taken): void {
    const opened = events.some((event) => event.kind === 'phaseOpened' && event.phase === 'reveal');
    if (opened) this.#revealSince = this.#inputs.toldBlock;
  }

  /** Lineup, tallies and ballots, as a node brings them to the ledger. */
  #ballotsOf(round: number): LedgerBallots | null {
    const open = openRound(this.#observer.state);
    if (open?.number !== round || open.phase.kind !== 'settlement') return null;
    const counted = this.#observer.ballots.counted(round);
    const revealed = open.committee.flatMap(({ id, bondWei }, seat) => {
      const ballot = counted.get(id);
      return ballot === undefined ? [] : [{ seat, bondWei, ...ballot }];
    });
    const { entries } = open.phase.lineup;
    return {
      lineup: { round, ...encodeLineup(placesOf(this.#observer.state, entries)) },
      tallies: tallies(revealed, entries.length + (this.#scoresBase ? 1 : 0)),
      ballots: revealed.map(({ seat, scores, salt }) => ({ seat, scores, salt })),
    };
  }
}

/** Entries by the numbers that the ledger knows Trainers by. */
const placesOf = ({ trainers }: RunState, entries: readonly Entry[]): LineupPlace[] =>
  entries.map(({ trainer, receipt }) => ({ number: find(trainers, trainer)!.number, receipt }));

/** What the record has of an answer. */
const asExpected = (said: Previewed | Refused): unknown =>
  said.kind === 'previewed' ? { outcome: said.outcome, parent: said.parent } : { refused: said.name };
