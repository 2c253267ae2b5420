import { Fault } from '#libs/fault';
import type { Block, Cancel, Delivery, Origin } from '#libs/ports';
import {
  type ActorId,
  canOpen,
  createRun,
  deadline,
  duties,
  type Duty,
  type Effect,
  type Event,
  type EventKind,
  find,
  type Input,
  openRound,
  type Receipt,
  type RunState,
  sizeOf,
  step,
} from '#libs/protocol';
import { encodeMessage, type Hex, type Message, subjectOf } from '#libs/wire';
import { BallotBook } from './ballot-book.ts';
import { Certificates } from './certificates.ts';
import { LedgerFacts } from './facts.ts';
import { open, type Said } from './mail.ts';
import { ReceiptBook } from './receipt-book.ts';
import type { Run, Surroundings } from './run.ts';
import { SignatureBook } from './signature-book.ts';

/** Something that acts on what a follower sees: a Trainer, a Validator, a Scheduler. */
export interface Agent {
  /** The actor whose duties it takes; null: only what is asked of anybody. */
  readonly actor: ActorId | null;
  carryOut?(effect: Effect): void;
  /** Every message that concerns only nodes: keys of updates, releases, ballots. */
  hear?(message: Message): void;
  /** What has just happened. */
  see?(events: readonly Event[], state: RunState): void;
  /** A round has opened: for agents that need to see no more, of which there may be thousands. */
  begin?(state: RunState): void;
  /** No round can be opened: too few members are left. */
  wanted?(state: RunState): void;
}

interface Told {
  readonly input: Input;
  readonly origin: Origin;
}

/** What a follower has done so far, in numbers. */
export interface FollowerCounts {
  readonly inputs: number;
  readonly refusedMessages: number;
}

/** How long to wait before looking once more for what must be there. */
const patienceMs = 500;
/** Who is slower than this in storing it has probably not stored it at all: ten seconds. */
const sayAfterTimes = 20;

/** More messages than this are not kept to be looked at again: the oldest is forgotten. */
const mostWaiting = 8_192;

/** After one of these, what came too early may have its place. */
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

/**
 * Follows one run: feeds `step` with what the ledger and the messages say, keeps the state, and hands the effects to the
 * agents on it. Several agents can share a follower; what one of them does is seen by all as soon as it is done.
 */
export class Follower {
  readonly run: Run;
  readonly world: Surroundings;
  readonly receipts: ReceiptBook;
  readonly signatures = new SignatureBook();
  readonly ballots: BallotBook;
  readonly certificates: Certificates;
  readonly #facts: LedgerFacts;
  readonly #agents: Agent[] = [];
  readonly #byActor = new Map<ActorId, Agent>();
  readonly #queue: Told[] = [];
  readonly #refusals = new Map<string, number>();
  #state: RunState;
  #feeding = false;
  #waiting: Delivery[] = [];
  #timer: Cancel | null = null;
  #inputs = 0;
  readonly #stopping = new AbortController();
  #unsubscribe: Cancel | null = null;
  #awaited: { readonly block: number; readonly resolve: () => void } | null = null;

  constructor(run: Run, world: Surroundings) {
    this.run = run;
    this.world = world;
    this.receipts = new ReceiptBook(run.domain.run, world.blobs);
    this.ballots = new BallotBook(run.domain.number);
    this.certificates = new Certificates(run.config.quorum, world.post);
    this.#state = createRun(run.config, run.createdMs);
    this.#facts = new LedgerFacts(run.domain.number, this.receipts, this.ballots, (missing, times) => {
      if (times === sayAfterTimes) world.missing?.(missing);
      return this.#later(patienceMs);
    });
  }

  get state(): RunState {
    return this.#state;
  }

  get counts(): FollowerCounts {
    let refusedMessages = 0;
    for (const count of this.#refusals.values()) refusedMessages += count;
    return { inputs: this.#inputs, refusedMessages };
  }

  /** Refused messages by code. */
  get refusals(): ReadonlyMap<string, number> {
    return this.#refusals;
  }

  /** What a settlement that was begun and not yet applied to everybody has decided; null if there is none. */
  get begunSettlement(): Hex | null {
    return this.#facts.begunSettlement;
  }

  /** The number that the ledger knows a Trainer by. */
  numberOf(trainer: ActorId): number {
    const member = find(this.#state.trainers, trainer);
    if (member === undefined) throw new Error(`${trainer} is in a lineup and not a member`);
    return member.number;
  }

  /** Lets an agent act; it is told at once of what is due already. */
  attach(agent: Agent): Cancel {
    this.#agents.push(agent);
    if (agent.actor !== null) this.#byActor.set(agent.actor, agent);
    for (const duty of duties(this.#state)) if (isFor(agent, duty)) agent.carryOut?.(duty);
    return () => {
      const at = this.#agents.indexOf(agent);
      if (at >= 0) this.#agents.splice(at, 1);
      if (agent.actor !== null && this.#byActor.get(agent.actor) === agent) this.#byActor.delete(agent.actor);
    };
  }

  /** Begins to listen, and to read the ledger from its first block. */
  start(): void {
    this.#listen();
    this.#readLedger();
  }

  /**
   * Reads what the ledger has by now, and only then begins to listen: for whoever comes, or comes back, to a run that is
   * under way. Of what was said meanwhile only what the open round still needs has to be heard.
   */
  async catchUp(): Promise<void> {
    const head = await this.world.ledger.head();
    const read = new Promise<void>((resolve) => {
      this.#awaited = { block: head.number, resolve };
    });
    this.#readLedger();
    await read;
    this.#listen();
  }

  #listen(): void {
    const prefix = `flobc.v1.${this.run.domain.run}.`;
    this.#unsubscribe = this.world.bus.subscribe(prefix, (delivery) => {
      this.#receive(delivery);
    });
  }

  #readLedger(): void {
    this.#followLedger().catch((error: unknown) => {
      this.world.fail(error);
    });
  }

  stop(): void {
    this.#stopping.abort();
    this.#unsubscribe?.();
    this.#timer?.();
  }

  /** Work done, or a statement of one's own. */
  say(said: Said, origin: Origin = 'work'): void {
    this.feed({ ...said, atMs: this.world.clock.nowMs() }, origin);
  }

  /** Sends a signed message to everybody; this follower hears it like the others. */
  publish(message: Message): Promise<void> {
    return this.world.bus.publish(subjectOf(message), encodeMessage(message));
  }

  feed(input: Input, origin: Origin): void {
    this.#queue.push({ input, origin });
    if (this.#feeding) return;
    this.#feeding = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#step(next);
    } finally {
      this.#feeding = false;
    }
  }

  #step({ input, origin }: Told): void {
    this.#inputs++;
    this.world.log?.input(input, origin);
    const { state, events, effects } = step(this.#state, input);
    this.#state = state;
    if (events.length > 0) {
      this.world.log?.events(events);
      this.certificates.see(events);
      for (const agent of this.#agents) agent.see?.(events, state);
    }
    for (const effect of effects) this.#dispatch(effect);
    if (events.some(({ kind }) => opensDoors.has(kind))) this.#receiveAgain();
    if (events.some(({ kind }) => kind === 'roundOpened')) this.#begin();
    if (events.some(({ kind }) => kind === 'gatheringOpened' || kind === 'memberSuspended')) this.#gather();
  }

  #dispatch(effect: Effect): void {
    if (effect.kind === 'setDeadline' && effect.clock === 'own') this.#setTimer(effect.dueMs);
    if (effect.to === 'anybody') for (const agent of this.#agents) agent.carryOut?.(effect);
    else this.#byActor.get(effect.to)?.carryOut?.(effect);
  }

  #setTimer(dueMs: number): void {
    this.#timer?.();
    this.#timer = this.world.clock.at(dueMs, () => {
      if (deadline(this.#state) === dueMs) this.feed({ kind: 'time', atMs: dueMs }, 'clock');
    });
  }

  #receive(delivery: Delivery, isAgain = false): void {
    const opened = open(delivery, this.world.post, this);
    if (opened.kind === 'refused') {
      const { code } = opened.refusal;
      this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1);
      return;
    }
    const { message, said } = opened;
    if (!isAgain) this.world.log?.statement(delivery.bytes, this.world.clock.nowMs());
    if (said === null) {
      if (message.kind === 'ballot') this.#hearBallot(delivery, message);
      if (message.kind === 'release') this.certificates.hear(message);
      for (const agent of this.#agents) agent.hear?.(message);
      return;
    }
    const before = this.#state.rejections;
    this.say(said, 'statement');
    const after = this.#state.rejections;
    if (after.early !== before.early || after.unknownReceipt !== before.unknownReceipt) this.#keep(delivery);
  }

  #keep(delivery: Delivery): void {
    this.#waiting.push(delivery);
    if (this.#waiting.length > mostWaiting) this.#waiting.shift();
  }

  #receiveAgain(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const delivery of waiting) this.#receive(delivery, true);
  }

  /** Ballots count for the protocol when all are there: until then the ledger alone says which ones do. */
  #hearBallot(delivery: Delivery, { sender, body }: Message<'ballot'>): void {
    const { round, scores, salt } = body;
    const open = openRound(this.#state);
    if (open === null || open.number < round || open.phase.kind !== 'reveal') {
      if (open !== null && open.number <= round && open.phase.kind !== 'settlement') this.#keep(delivery);
      return;
    }
    if (!this.ballots.add(this.#state, round, sender, { scores, salt })) return;
    const { commitments, lineup } = open.phase;
    const ballots = this.ballots.of(round);
    if (ballots.size < sizeOf(commitments)) return;
    for (const [validator, ballot] of ballots) {
      this.say(
        { kind: 'reveal', round, validator, scores: ballot.scores.slice(0, lineup.entries.length) },
        'statement',
      );
    }
  }

  async #followLedger(): Promise<void> {
    const { signal } = this.#stopping;
    for await (const change of this.world.ledger.watch({ signal })) {
      // What was said and done on the strength of a block cannot be unsaid: it takes a follower that begins anew.
      if (change.kind === 'removed') throw rewound(change.block);
      for await (const input of this.#facts.inputsOf(change, () => this.#state)) {
        if (signal.aborted) return;
        this.feed(input, 'ledger');
      }
      if (change.block.number >= (this.#awaited?.block ?? Infinity)) this.#awaited?.resolve();
    }
  }

  #later(delayMs: number): Promise<void> {
    const { clock } = this.world;
    return new Promise((resolve) => {
      clock.at(clock.nowMs() + delayMs, resolve);
    });
  }

  #gather(): void {
    const { stage } = this.#state;
    if (stage.kind !== 'gathering' || canOpen(this.#state)) return;
    for (const agent of this.#agents) agent.wanted?.(this.#state);
  }

  #begin(): void {
    for (const agent of this.#agents) agent.begin?.(this.#state);
    const round = openRound(this.#state)?.number ?? 0;
    this.signatures.forgetBefore(round - 1);
    this.receipts.forget((receipt) => isUsed(this.#state, receipt));
  }
}

const isFor = ({ actor }: Agent, { to }: Duty): boolean => to === actor || to === 'anybody';

const isUsed = ({ trainers }: RunState, { trainer, sequence }: Receipt): boolean =>
  sequence <= (find(trainers, trainer)?.usedSequence ?? -1);

const rewound = ({ number, hash }: Block): Fault =>
  new Fault('CHAIN_REWOUND', `Block ${number} is no longer in the chain.`, {
    facts: { number, hash },
    hint: 'Start the node again: it reads the chain as it is now, and its journal keeps it from contradicting itself.',
  });
