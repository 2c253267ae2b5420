import { isDeepStrictEqual } from 'node:util';
import { openMail, type Said } from '#libs/node';
import type { EventKind, Input, InputOf } from '#libs/protocol';
import { type Message, type Post, receiptOf, subjectOf } from '#libs/wire';
import { differs, type Place, requireSame } from '../difference.ts';
import type { Statement } from '../statements.ts';
import type { Observer, Taken } from './observer.ts';

/** Inputs that are what one message says. */
type SaidInput = InputOf<'receipt' | 'proposal' | 'lineupSignature' | 'certificateSignature'>;

type Proposed = Extract<Said, { kind: 'proposal' }>;

/** After one of these a node looks once more at what came too early. */
const opensDoors: ReadonlySet<EventKind> = new Set<EventKind>([
  'gatheringOpened',
  'joinAsked',
  'membersChanged',
  'roundOpened',
  'receiptAccepted',
  'phaseOpened',
  'lineupPlaced',
  'settlementPreviewed',
  'modelReleased',
]);

/** What is looked at again at once. */
interface Due {
  readonly statement: Statement;
  readonly said: Said;
}

/**
 * Inputs that are messages. Each message is an input at the instant at which it was heard, in that order; afterwards it
 * may come again, and does where it was too early.
 */
export class StatementInputs {
  readonly #observer: Observer;
  readonly #post: Post;
  readonly #requireIdle: (place: Place) => void;
  readonly #isReading: (atMs: number) => Promise<boolean>;
  readonly #byKey: ReadonlyMap<string, readonly Statement[]>;
  /** Those that are inputs, in the order in which they were first heard. */
  readonly #inOrder: readonly Statement[];
  readonly #heard = new Set<Statement>();
  #waiting: Statement[] = [];
  #due: Due[] = [];
  #last: Statement | null = null;

  /**
   * @param requireIdle Throws where the observer is busy with what came before.
   * @param isReading Says whether at an instant a lineup is on the ledger that the observer has not been told of.
   */
  constructor(
    statements: readonly Statement[],
    observer: Observer,
    post: Post,
    requireIdle: (place: Place) => void,
    isReading: (atMs: number) => Promise<boolean>,
  ) {
    this.#requireIdle = requireIdle;
    this.#isReading = isReading;
    this.#observer = observer;
    this.#post = post;
    const keyed = statements.flatMap((statement) => {
      const key = keyOfMessage(statement.message, post);
      return key === null ? [] : [{ key, statement }];
    });
    this.#inOrder = keyed.map(({ statement }) => statement);
    this.#byKey = new Map(
      [...Map.groupBy(keyed, ({ key }) => key)].map(([key, list]) => [
        key,
        list.map(({ statement }) => statement),
      ]),
    );
  }

  /** Holds a recorded input against the message that it is. */
  async check(place: Place, input: SaidInput): Promise<void> {
    const { atMs, ...found } = input;
    const said = this.#saying(place, input);
    const isRead = said.kind === 'proposal' && found.kind === 'proposal' && !isDeepStrictEqual(said, found);
    const expected = isRead && (await this.#isReading(atMs)) ? this.#withRead(said, found) : said;
    requireSame(place, 'is not what the message says', expected, found);
  }

  /** What the message says that an input is: looked at again, or as it is heard. */
  #saying(place: Place, input: SaidInput): Said {
    this.#last = null;
    const candidates = this.#byKey.get(keyOfInput(input)) ?? [];
    if (candidates.length === 0) throw differs(place, 'is nothing that anybody has signed');
    const due = this.#due.findIndex(({ statement }) => candidates.includes(statement));
    if (due >= 0) return this.#due.splice(due, 1)[0]!.said;
    const statement = this.#heardAt(place, candidates, input.atMs);
    this.#last = statement;
    return this.#open(statement);
  }

  /** While the receipts of the ledger's lineup are being fetched, some of them are known before they are heard. */
  #withRead(said: Proposed, found: Proposed): Proposed {
    const entries = said.entries.map((entry, i) => {
      const read = this.#observer.receipts.said(entry.receipt);
      return read?.trainer === entry.trainer && isDeepStrictEqual(read, found.entries[i]) ? read : entry;
    });
    return { ...said, entries };
  }

  /** The message as it is heard: for the first time, or again. */
  #heardAt(place: Place, candidates: readonly Statement[], atMs: number): Statement {
    const fresh = this.#inOrder[this.#heard.size];
    if (fresh !== undefined && candidates.includes(fresh) && fresh.atMs === atMs) {
      this.#requireIdle(place);
      this.#heard.add(fresh);
      return fresh;
    }
    const again = candidates.find((candidate) => this.#heard.has(candidate));
    if (again !== undefined) return again;
    const [first] = candidates as [Statement];
    throw differs(
      place,
      `is at ${atMs}, and what it is was heard otherwise: ${placeOf(first)}, at ${first.atMs}`,
    );
  }

  /** Notes what was too early, and looks at it again when a door has opened. */
  after({ before, state, events }: Taken): void {
    const statement = this.#last;
    this.#last = null;
    const [was, is] = [before.rejections, state.rejections];
    const isEarly = was.early !== is.early || was.unknownReceipt !== is.unknownReceipt;
    if (statement !== null && isEarly) this.#waiting.push(statement);
    if (!events.some(({ kind }) => opensDoors.has(kind))) return;
    for (const waiting of this.#waiting) this.#due.push({ statement: waiting, said: this.#open(waiting) });
    this.#waiting = [];
  }

  /** What is looked at again is so before anything else happens. */
  requireNothingDue(place: Place): void {
    const [due] = this.#due;
    if (due !== undefined) throw differs(place, `comes before ${placeOf(due.statement)}, which is due again`);
  }

  /** Everything that was heard before an instant is among the inputs before it. */
  requireHeardBefore(place: Place, atMs: number): void {
    const next = this.#inOrder[this.#heard.size];
    if (next !== undefined && next.atMs < atMs)
      throw differs(
        place,
        `comes before ${placeOf(next)}, which was heard at ${next.atMs} and is not among the inputs`,
      );
  }

  #open({ bytes, message }: Statement): Said {
    const opened = openMail({ bytes, subject: subjectOf(message) }, this.#post, this.#observer);
    if (opened.kind === 'refused' || opened.said === null)
      throw new Error(`a checked ${message.kind} was refused`);
    return opened.said;
  }
}

export const placeOf = ({ place: { file, line } }: Statement): string => `${file}:${line}`;

function keyOfMessage(message: Message, post: Post): string | null {
  switch (message.kind) {
    case 'receipt':
      return `receipt ${receiptOf(message).digest}`;
    case 'lineupProposal': {
      const { round, attempt, parent } = message.body;
      return `proposal ${round} ${attempt} ${parent} ${message.sender} ${post.lineupOf(message.body)}`;
    }
    case 'lineupSignature': {
      const { round, attempt, parent, lineup } = message.body;
      return `lineupSignature ${round} ${attempt} ${parent} ${message.sender} ${lineup}`;
    }
    case 'certificateSignature': {
      const { round, parent, model } = message.body;
      return `certificateSignature ${round} ${parent} ${message.sender} ${model}`;
    }
    case 'updateKey':
    case 'ballot':
    case 'release':
    case 'join':
    case 'leave':
    case 'checkIn':
      return null;
  }
}

function keyOfInput(input: SaidInput): string {
  switch (input.kind) {
    case 'receipt':
      return `receipt ${input.receipt.digest}`;
    case 'proposal': {
      const { round, attempt, parent, proposer, lineup } = input;
      return `proposal ${round} ${attempt} ${parent} ${proposer} ${lineup}`;
    }
    case 'lineupSignature': {
      const { round, attempt, parent, validator, lineup } = input;
      return `lineupSignature ${round} ${attempt} ${parent} ${validator} ${lineup}`;
    }
    case 'certificateSignature': {
      const { round, parent, validator, model } = input;
      return `certificateSignature ${round} ${parent} ${validator} ${model}`;
    }
  }
}

export const isSaid = (input: Input): input is SaidInput & Input =>
  input.kind === 'receipt' ||
  input.kind === 'proposal' ||
  input.kind === 'lineupSignature' ||
  input.kind === 'certificateSignature';
