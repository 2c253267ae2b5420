import type { BallotRecord, InputRecord, RunFolder } from '#libs/experiment';
import type { Ledger } from '#libs/ports';
import type { Event, Input, Outcome, RunState } from '#libs/protocol';
import { formatEvent, type Post } from '#libs/wire';
import { differs, lineOf, type Place, requireSame } from '../difference.ts';
import { type Release, releaseOf } from '../learning/merges.ts';
import type { Updates } from '../learning/updates.ts';
import { RoundsFacts } from '../results/round-facts.ts';
import type { Statement } from '../statements.ts';
import { BallotInputs } from './ballot-inputs.ts';
import type { LedgerInputs } from './ledger-inputs.ts';
import { ObserverTime } from './observer-time.ts';
import type { Observer, Taken } from './observer.ts';
import { OpeningsDue } from './openings-due.ts';
import { isSaid, StatementInputs } from './statement-inputs.ts';
import { WorkInputs } from './work-inputs.ts';

export interface ReplayOf {
  readonly folder: RunFolder;
  readonly statements: readonly Statement[];
  readonly observer: Observer;
  readonly ledger: Ledger;
  readonly ledgerInputs: LedgerInputs;
  readonly updates: Updates;
  readonly post: Post;
  readonly createdMs: number;
  readonly onInput: () => void;
}

/** An instant, somewhere in between. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

const isOver = ({ stage }: RunState): boolean => stage.kind === 'finished' || stage.kind === 'halted';

const inputs = 'inputs.jsonl';
const events = 'events.jsonl';
const ballots = 'ballots.jsonl';

/**
 * Follows the run once more: every input has somebody who vouches for it, none is missing that the others call for, and
 * the events are those that the protocol makes of them.
 */
export class Replay {
  readonly time: ObserverTime;
  readonly rounds: RoundsFacts;
  readonly releases: Release[] = [];
  readonly #of: ReplayOf;
  readonly #said: StatementInputs;
  readonly #shown: BallotInputs;
  readonly #work: WorkInputs;
  readonly #openings: OpeningsDue;
  readonly #latencyMs: number;
  /** Transactions of the deployment: of them everybody knows before time begins to run. */
  readonly #deployed: number;
  #over: Span | null = null;
  /** The folder is of a run that was killed: its events end before its inputs do. */
  #isCutOff = false;
  #inputs = 0;
  #events = 0;
  #ballots = 0;

  constructor(of: ReplayOf) {
    const { folder, statements, observer, ledger, ledgerInputs, updates, post, createdMs } = of;
    this.#of = of;
    this.time = new ObserverTime(createdMs, folder.plan.network.latencyMs);
    this.rounds = new RoundsFacts(createdMs);
    this.#latencyMs = folder.plan.network.latencyMs;
    this.#deployed = ledgerInputs.executed;
    const requireIdle = (place: Place) => {
      this.#requireIdle(place);
    };
    const isReading = (atMs: number) => ledgerInputs.hasUntoldLineup(atMs / 1000);
    this.#said = new StatementInputs(statements, observer, post, requireIdle, isReading);
    this.#shown = new BallotInputs(statements, observer);
    const scoresBase = folder.plan.learning.scoring === 'accuracy';
    this.#openings = new OpeningsDue(observer, updates, folder.plan.network);
    this.#work = new WorkInputs(observer, ledger, ledgerInputs, updates, scoresBase);
  }

  /** When the observer saw the run end, as closely as the record shows; one that was stopped had not ended by then. */
  get over(): Span {
    return this.#over ?? { fromMs: this.time.sinceMs, toMs: Infinity };
  }

  /** Lines that agree so far. */
  get counts(): { readonly inputs: number; readonly events: number; readonly ballots: number } {
    return { inputs: this.#inputs, events: this.#events, ballots: this.#ballots };
  }

  async run(): Promise<void> {
    for (const record of this.#of.folder.inputs) {
      await this.#follow(record, lineOf(inputs, this.#inputs + 1));
      if (this.#isCutOff) return;
      this.#inputs++;
      this.#of.onInput();
    }
    await this.#end();
  }

  /** Executes a transaction that no input has needed; false if there is none. */
  executeNext(): Promise<boolean> {
    return this.#of.ledgerInputs.goOnUntil(Infinity);
  }

  async #follow({ input, origin }: InputRecord, place: Place): Promise<void> {
    const isLedgers = origin === 'ledger';
    if (isLedgers) await this.#checkLedger(place, input);
    else await this.#checkOwn(place, input, origin);
    const taken = this.#of.observer.take(input);
    this.#compareEvents(place, taken.events);
    if (this.#isCutOff) return;
    this.#compareBallots(taken.events);
    this.#said.after(taken);
    this.#shown.after(taken, isLedgers ? null : input.atMs);
    this.#work.after(taken);
    if (taken.events.some(({ kind }) => kind === 'roundOpened')) this.#of.observer.begin();
    this.time.setTimer(taken.state, !isLedgers);
    this.rounds.see(taken.events, this.#at);
    if (isOver(taken.state) && !isOver(taken.before))
      this.#over = { fromMs: this.time.sinceMs, toMs: isLedgers ? this.#toldByMs : input.atMs };
    this.#noteRelease(taken);
  }

  /** Transactions executed when the block was made that the last ledger's input came from, and when it was told at last. */
  #at = 0;
  #toldByMs = 0;

  async #checkLedger(place: Place, input: Input): Promise<void> {
    this.#requireNothingDue(place);
    this.#of.observer.receipts.record(input.kind === 'lineup' ? input.entries : null);
    const saying = await this.#of.ledgerInputs.next(place);
    if (saying === null) throw differs(place, 'is from the ledger, which says nothing more');
    requireSame(place, 'is not what the ledger says', saying.input, input);
    this.#at = saying.at;
    this.#toldByMs = (saying.timeSeconds + 1) * 1000 + this.#latencyMs;
    if (saying.at > this.#deployed) this.time.hearBlock(saying.timeSeconds);
  }

  async #checkOwn(
    place: Place,
    input: Input,
    origin: Exclude<InputRecord['origin'], 'ledger'>,
  ): Promise<void> {
    const { atMs } = input;
    const { ledgerInputs, observer } = this.#of;
    if (origin === 'clock') this.#requireIdle(place);
    // What was asked before may be answered in the middle of a block.
    if (input.kind === 'preview') this.#requireNothingDue(place);
    if (origin !== 'clock') this.time.passTo(place, atMs, observer.state);
    this.#said.requireHeardBefore(place, atMs);
    this.#shown.requireCountedBefore(place, atMs);
    this.#openings.requireBefore(place, atMs);
    await ledgerInputs.requireToldBefore(place, this.time.toldSecond(atMs));
    if (origin === 'clock' && input.kind === 'time') {
      requireSame(place, 'is more than an instant', { kind: 'time', atMs }, input);
      this.time.ring(place, atMs, observer.state);
    } else if (origin === 'statement' && isSaid(input)) await this.#said.check(place, input);
    else if (origin === 'statement' && input.kind === 'reveal') this.#shown.check(place, input);
    else if (origin === 'work' && input.kind === 'opened') {
      await this.#work.checkOpened(place, input);
      this.#openings.opened(input.trainer, input.sequence);
    } else if (origin === 'work' && input.kind === 'preview') await this.#work.checkPreview(place, input);
    else throw differs(place, `is a ${input.kind}, which no ${origin} brings`);
  }

  /** What comes from outside comes when what came before is done. */
  #requireIdle(place: Place): void {
    this.#requireNothingDue(place);
    this.#of.ledgerInputs.requireBetweenBlocks(place);
  }

  #requireNothingDue(place: Place): void {
    this.#said.requireNothingDue(place);
    this.#shown.requireNothingDue(place);
  }

  #compareEvents(place: Place, happened: readonly Event[]): void {
    for (const event of happened) {
      const line = this.#events + 2; // the first one is the header
      const recorded = this.#of.folder.events[this.#events];
      if (recorded === undefined) {
        this.#isCutOff = this.#of.folder.summary === undefined;
        if (this.#isCutOff) return;
        throw differs(
          { file: events },
          `ends before the ${event.kind} that ${place.file}:${place.line!} brings`,
        );
      }
      // Both spelled: one value has one spelling.
      if (formatEvent(event) !== formatEvent(recorded))
        requireSame(lineOf(events, line), 'is not what the protocol makes of the inputs', event, recorded);
      this.#events++;
    }
  }

  #compareBallots(happened: readonly Event[]): void {
    for (const event of happened) {
      if (event.kind !== 'ballotRevealed') continue;
      const { round, validator } = event;
      const ballot = this.#of.observer.ballots.of(round).get(validator);
      if (ballot === undefined) continue; // the folder's writer had none either
      const recorded = this.#of.folder.ballots[this.#ballots];
      const expected: BallotRecord = { round, validator, scores: [...ballot.scores], salt: ballot.salt };
      const place = { ...lineOf(ballots, this.#ballots + 1), round };
      if (recorded === undefined) throw differs(place, `is not there: the ballot of ${validator}`);
      requireSame(place, 'is not the ballot that was revealed', expected, recorded);
      this.#ballots++;
    }
  }

  #noteRelease({ before, events: happened }: Taken): void {
    const released = happened.find(({ kind }) => kind === 'modelReleased');
    if (released?.kind !== 'modelReleased') return;
    const settled = happened.find(({ kind }) => kind === 'roundSettled') as { readonly outcome: Outcome };
    const entries = this.#of.observer.lineupOf(released.round)!;
    this.releases.push(releaseOf(before, released, entries, settled.outcome));
  }

  /** Nothing is left over, and nothing that had been told by then is missing. */
  async #end(): Promise<void> {
    const { folder, ledgerInputs, statements } = this.#of;
    const place = { file: inputs };
    if (folder.summary !== undefined) {
      const lastMs = Math.max(this.time.sinceMs, statements.at(-1)?.atMs ?? 0);
      this.#requireIdle(place);
      this.#said.requireHeardBefore(place, Infinity);
      await ledgerInputs.requireToldBefore(place, Math.floor((lastMs - this.#latencyMs) / 1000));
    }
    const event = folder.events[this.#events];
    if (event !== undefined)
      throw differs(lineOf(events, this.#events + 2), `is a ${event.kind} that no input brings`);
    if (folder.ballots.length > this.#ballots)
      throw differs(lineOf(ballots, this.#ballots + 1), 'is a ballot that was not revealed');
  }
}
