import { type ActorId, find, type InputOf, openRound, sizeOf } from '#libs/protocol';
import { ballotCommitment, type Message } from '#libs/wire';
import { differs, type Place, requireSame } from '../difference.ts';
import type { Statement } from '../statements.ts';
import type { Observer, Taken } from './observer.ts';

interface Shown {
  readonly statement: Statement;
  readonly message: Message<'ballot'>;
}

/** Ballots that the observer counted before the ledger had them: all of a round at once, as soon as all were there. */
export class BallotInputs {
  readonly #observer: Observer;
  readonly #byRound: ReadonlyMap<number, readonly Shown[]>;
  #due: ActorId[] = [];
  /** Since when the open round is sure to have been open. */
  #openSinceMs: number | null = null;

  constructor(statements: readonly Statement[], observer: Observer) {
    this.#observer = observer;
    const shown = statements.flatMap((statement): Shown[] =>
      statement.message.kind === 'ballot' ? [{ statement, message: statement.message }] : [],
    );
    this.#byRound = Map.groupBy(shown, ({ message }) => message.body.round);
  }

  check(place: Place, { round, validator, scores, atMs }: InputOf<'reveal'>): void {
    const { ballots } = this.#observer;
    if (this.#due.length === 0) this.#count(place, round, atMs);
    const ballot = ballots.of(round).get(validator);
    if (ballot === undefined)
      throw differs(place, 'is no ballot that fits what its Validator has committed to');
    const updates = this.#observer.lineupOf(round)?.length ?? 0;
    requireSame(
      place,
      'is not the ballot that was shown',
      { scores: ballot.scores.slice(0, updates) },
      { scores },
    );
    const turn = this.#due.indexOf(validator);
    // Those that the ledger showed meanwhile have their place by an instant that nobody wrote down.
    const skipped = this.#due.slice(0, turn).filter((id) => !ballots.isShown(round, id));
    if (turn > 0 && skipped.length > 0 && !ballots.isShown(round, validator))
      throw differs(place, `comes before the ballot of ${skipped[0]!}, which was heard before it`);
    if (turn >= 0) this.#due.splice(turn, 1);
  }

  /** Takes the ballots that had been shown by an instant; they count when all that were committed are there. */
  #count(place: Place, round: number, atMs: number): void {
    const { ballots, state } = this.#observer;
    for (const { statement, message } of this.#byRound.get(round) ?? []) {
      if (statement.atMs <= atMs) ballots.add(state, round, message.sender, message.body);
    }
    const phase = openRound(state)?.phase;
    if (phase?.kind !== 'reveal') return;
    const counted = ballots.of(round);
    if (counted.size < sizeOf(phase.commitments))
      throw differs(place, 'is counted before all ballots were there');
    this.#due = [...counted.keys()];
  }

  after({ events }: Taken, atMs: number | null): void {
    if (events.some(({ kind }) => kind === 'roundOpened')) this.#openSinceMs = null;
    this.#openSinceMs ??= atMs;
  }

  requireNothingDue(place: Place): void {
    const [due] = this.#due;
    if (due !== undefined)
      throw differs(place, `comes before the ballot of ${due}, and all ballots count at once`);
  }

  /**
   * No round waits for ballots that are all there; unless the ledger has shown some of them meanwhile, which counts those
   * and asks about no others.
   */
  requireCountedBefore(place: Place, atMs: number): void {
    const round = openRound(this.#observer.state);
    if (round?.phase.kind !== 'reveal' || this.#due.length > 0 || this.#openSinceMs === null) return;
    const { ballots } = this.#observer;
    if ([...ballots.of(round.number).keys()].some((id) => ballots.isShown(round.number, id))) return;
    const { lineup, commitments } = round.phase;
    const isThere = ({ statement, message: { sender: validator, body } }: Shown): boolean => {
      if (statement.atMs >= atMs || statement.atMs <= this.#openSinceMs!) return false;
      const { scores, salt } = body;
      const said = {
        run: this.#observer.run,
        round: round.number,
        lineup: lineup.digest,
        validator,
        scores,
        salt,
      };
      return find(commitments, validator) === ballotCommitment(said);
    };
    const there = (this.#byRound.get(round.number) ?? [])
      .filter(isThere)
      .map(({ message }) => message.sender);
    if (sizeOf(commitments) > 0 && new Set(there).size === sizeOf(commitments))
      throw differs(place, 'comes after all ballots were there, and they are not among the inputs');
  }
}
