import { hash } from 'node:crypto';
import { type Generator, generator } from '#libs/random';
import {
  type ActorId,
  clockOf,
  createRun,
  type Digest,
  deadline,
  type Duty,
  duties,
  type Event,
  type Input,
  type Receipt,
  replay,
  type RunState,
  step,
} from '#libs/protocol';
import { Agenda } from './agenda.ts';
import { joinOf, receiptOf } from './cast.ts';
import { Chain } from './chain.ts';
import { fingerprint } from './fingerprint.ts';
import { carryOut, type Deed, type Journal, type Said } from './honest.ts';
import { aboutMembers, openingOf, opensDoors } from './kinds.ts';
import type { Scenario, TrainerPlan, ValidatorPlan } from './scenario.ts';

/** One follower of the run: a Validator, or the ledger's own view. */
interface Follower {
  readonly id: ActorId | 'ledger';
  state: RunState;
  readonly log: Event[];
  /** What was said too early, to be fed again. */
  inbox: Said[];
  readonly journal: Journal;
  /** Facts reach a follower in the ledger's order. */
  lastFactMs: number;
  /** Counts crashes: work begun before one is lost. */
  life: number;
}

interface TrainerBody {
  readonly plan: TrainerPlan;
  readonly journal: Journal;
  busyWith: Duty | null;
  next: Duty | null;
}

type Happening = () => void;

/** Sees every step before it is taken. */
export type Observer = (state: RunState, input: Input) => void;

/** What Validators say instead of the truth. */
export interface Lies {
  readonly modelOf?: (validator: ActorId, model: Digest) => Digest;
}

const isOver = ({ stage }: RunState): boolean => stage.kind === 'finished' || stage.kind === 'halted';

/** Why a soak run failed; the message ends with the command that replays it. */
export class SoakFailure extends Error {
  constructor(seed: number, what: string) {
    super(`seed ${seed}: ${what}; replay with: node --conditions=source test/soak/main.ts --seed ${seed}`);
  }
}

/**
 * A run in virtual time: every Validator follows with a state of its own, statements travel over a bus that delays,
 * loses and doubles them, and transactions go to a ledger that puts them in one order. What stands there, `Chain` decides,
 * by the state of a follower that hears all facts at once.
 */
export class Network {
  readonly ledger: Follower;
  readonly followers = new Map<ActorId, Follower>();
  readonly #scenario: Scenario;
  readonly #agenda = new Agenda<Happening>();
  readonly #trainers = new Map<ActorId, TrainerBody>();
  readonly #chain = new Chain();
  readonly #asleep: ReadonlyMap<string, ValidatorPlan['asleep']>;
  readonly #luck: Generator;
  readonly #observe: Observer;
  readonly #lies: Lies;
  readonly #story: string[] = [];
  /** Counts reorganisations: what an orphaned block said does not arrive any more. */
  #branch = 0;
  #nowMs = 0;
  steps = 0;

  constructor(scenario: Scenario, observe: Observer = () => undefined, lies: Lies = {}) {
    const { config, seed, validators, trainers } = scenario;
    this.#scenario = scenario;
    this.#observe = observe;
    this.#lies = lies;
    this.#luck = generator(seed).split('network');
    this.#asleep = new Map(validators.map(({ id, asleep }) => [id, asleep]));
    const initial = createRun(config, 0);
    const follower = (id: Follower['id']): Follower => ({
      id,
      state: initial,
      log: [],
      inbox: [],
      journal: new Map(),
      lastFactMs: 0,
      life: 0,
    });
    this.ledger = follower('ledger');
    for (const { id } of validators) this.followers.set(id, follower(id));
    for (const plan of trainers)
      this.#trainers.set(plan.id, { plan, journal: new Map(), busyWith: null, next: null });
    const joins: Input[] = [
      { kind: 'fund', atMs: 0 },
      ...trainers.map(({ id, number }) => joinOf('trainer', id, number, 100n)),
      ...validators.map(({ id, number, bondWei }) => joinOf('validator', id, number, bondWei)),
    ];
    for (const input of [...joins, ...scenario.diary])
      this.#at(input.atMs, () => {
        this.#transact(input, null);
      });
    for (const { id, crashes } of validators)
      for (const atMs of crashes)
        this.#at(atMs, () => {
          this.#restart(this.followers.get(id)!);
        });
  }

  trainersWithHabit(habit: TrainerPlan['habit']): ActorId[] {
    return this.#scenario.trainers.filter((plan) => plan.habit === habit).map(({ id }) => id);
  }

  /** Runs until nothing more happens: the run has ended and everything on its way has arrived. */
  run({ reorganiseAt = [] }: { readonly reorganiseAt?: readonly number[] } = {}): void {
    for (const atMs of reorganiseAt) {
      this.#at(atMs, () => {
        this.#reorganise();
      });
    }
    for (let item = this.#agenda.take(); item !== undefined; item = this.#agenda.take()) {
      this.#nowMs = item.atMs;
      item.what();
    }
  }

  /** Digest of all that happened on the ledger and of the state that it led to. */
  digest(): string {
    return hash('sha256', [...this.#story, fingerprint(this.ledger.state)].join('\n'), 'hex');
  }

  #at(atMs: number, what: Happening): void {
    this.#agenda.add(atMs, what);
  }

  #delay(mostMs = this.#scenario.network.maxDelayMs): number {
    return 1 + this.#luck.integer(mostMs);
  }

  /** A transaction reaches the ledger; if it stands, everybody learns what follows from it, in order. */
  #transact(said: Said, sender: ActorId | null): boolean {
    const facts = this.#chain.accept(this.ledger.state, said, sender, this.#nowMs);
    return facts.length > 0 && this.#stand(facts);
  }

  #stand(facts: readonly Said[]): boolean {
    for (const fact of facts) {
      const input = { ...fact, atMs: this.#nowMs } as Input;
      if (this.#feed(this.ledger, input).some(({ kind }) => kind === 'inputRejected')) return false;
      this.#chain.note(fact);
      this.#publish(input);
    }
    return true;
  }

  #publish(fact: Input): void {
    for (const follower of this.followers.values()) {
      follower.lastFactMs = Math.max(follower.lastFactMs, this.#nowMs + this.#delay());
      const branch = this.#branch;
      this.#at(follower.lastFactMs, () => {
        if (
          branch === this.#branch &&
          this.#feed(follower, fact).some(({ kind }) => kind === 'inputRejected')
        )
          this.#mayRefuse(follower, fact);
      });
    }
  }

  /** A statement goes out to everybody; to its author at once. */
  #broadcast({ said, receipts = [] }: Pick<Deed, 'said' | 'receipts'>, author: Follower | null): void {
    const { loss, duplication } = this.#scenario.network;
    for (const follower of [this.ledger, ...this.followers.values()]) {
      // What is only on its way to the ledger does not stand there.
      if (follower === this.ledger && said.kind === 'reveal') continue;
      if (follower === author) {
        this.#hear(follower, said, receipts);
        continue;
      }
      if (follower !== this.ledger && this.#luck.uniform() < loss) continue;
      const copies = this.#luck.uniform() < duplication ? 2 : 1;
      for (let copy = 0; copy < copies; copy++)
        this.#at(this.#nowMs + this.#delay(), () => {
          this.#hear(follower, said, receipts);
        });
    }
  }

  #hear(follower: Follower, said: Said, receipts: readonly Receipt[] = []): void {
    if (this.#isAsleep(follower.id)) return;
    const input = { ...said, atMs: this.#nowMs } as Input;
    const refusal = this.#feed(follower, input).at(-1);
    if (refusal?.kind !== 'inputRejected') return;
    if (refusal.code === 'early') follower.inbox.push(said);
    if (refusal.code !== 'unknownReceipt') return;
    for (const receipt of receipts) this.#feed(follower, { kind: 'receipt', receipt, atMs: this.#nowMs });
    this.#feed(follower, input);
  }

  /** Facts come in the ledger's order, so none is early; but ballots may be known, and reveals over, before. */
  #mayRefuse(follower: Follower, fact: Input): void {
    const mayBe = fact.kind === 'reveal' || (fact.kind === 'deadline' && fact.phase === 'reveal');
    if (!mayBe && !isOver(follower.state)) this.#fail(`${follower.id} refused ${fact.kind}`);
  }

  #feed(follower: Follower, input: Input): readonly Event[] {
    this.#observe(follower.state, input);
    const { state, events, effects } = step(follower.state, input);
    this.steps++;
    follower.state = state;
    follower.log.push(...events);
    this.#check(follower, events);
    const last = events.at(-1);
    if (last?.kind === 'inputRejected') {
      if (last.code === 'conflicting') this.#fail(`${follower.id} refused ${input.kind} as conflicting`);
    }
    for (const effect of effects) {
      if (effect.kind === 'setDeadline') this.#setTimer(follower, effect.dueMs, effect.clock);
      if (effect.kind === 'shareReceipts' && follower !== this.ledger) {
        for (const receipt of effect.receipts) this.#broadcast({ said: { kind: 'receipt', receipt } }, null);
      }
      if ('round' in effect) this.#take(follower, effect);
    }
    if (events.some(({ kind }) => opensDoors.has(kind))) this.#feedAgain(follower);
    return events;
  }

  /** A follower keeps the deadlines that are its own, the ledger's are kept by a scheduler; both a little late. */
  #setTimer(follower: Follower, dueMs: number, clock: 'own' | 'ledger'): void {
    if (clock === 'ledger' && follower !== this.ledger) return;
    this.#at(dueMs + 1 + this.#luck.integer(50), () => {
      const { state } = follower;
      if (deadline(state) !== dueMs || clockOf(state) !== clock) return;
      if (clock === 'own') this.#feed(follower, { kind: 'time', atMs: dueMs });
      else this.#stand(this.#chain.close(state, this.#nowMs));
    });
  }

  #feedAgain(follower: Follower): void {
    const waiting = follower.inbox;
    follower.inbox = [];
    for (const said of waiting) this.#hear(follower, said);
  }

  /** Each follower does what is its own to do; Trainers are told by the ledger's. */
  #take(follower: Follower, duty: Duty): void {
    if (follower.id === 'ledger') {
      const body = duty.to === 'anybody' ? undefined : this.#trainers.get(duty.to);
      if (body !== undefined) this.#trainerActs(body, duty);
    } else if ((duty.to === follower.id || duty.to === 'anybody') && !this.#isAsleep(follower.id)) {
      const { life } = follower;
      this.#at(this.#nowMs + this.#delay(200), () => {
        if (follower.life === life && follower.id !== 'ledger' && !this.#isAsleep(follower.id)) {
          for (const deed of carryOut(duty, follower.id, follower.journal, follower.state))
            this.#do(follower, duty, deed);
        }
      });
    }
  }

  #do(follower: Follower, duty: Duty, deed: Deed): void {
    const { ballotsOnBus } = this.#scenario;
    const { by } = deed;
    if (by === 'bus' && deed.said.kind === 'reveal' && !ballotsOnBus) return;
    const afterMs = ballotsOnBus ? (deed.afterMs ?? 0) : 0;
    const lie = this.#lies.modelOf;
    const said =
      deed.said.kind === 'merged' && lie
        ? { ...deed.said, model: lie(deed.said.validator, deed.said.model) }
        : deed.said;
    if (by === 'bus') this.#broadcast(deed, follower);
    else if (by === 'self') this.#hear(follower, said);
    else
      this.#at(this.#nowMs + this.#delay() + afterMs, () => {
        this.#send(follower, duty, said);
      });
  }

  /** A settlement that the ledger does not take yet is sent again while it is due. */
  #send(follower: Follower, duty: Duty, said: Said): void {
    if (follower.id === 'ledger' || this.#transact(said, follower.id) || duty.kind !== 'settle') return;
    const { life } = follower;
    this.#at(this.#nowMs + 1000, () => {
      const isDue = duties(follower.state).some(
        (due) => due.kind === 'settle' && due.round === duty.round && due.attempt === duty.attempt,
      );
      if (isDue && follower.life === life) this.#send(follower, duty, said);
    });
  }

  #trainerActs(body: TrainerBody, duty: Duty): void {
    const { plan, journal } = body;
    if (plan.habit === 'dead') return;
    if (duty.kind === 'publishKey') {
      if (plan.habit === 'withholdsKey') return;
      for (const deed of carryOut(duty, plan.id, journal, this.ledger.state)) this.#broadcast(deed, null);
    } else if (body.busyWith !== null) body.next = duty;
    else {
      body.busyWith = duty;
      this.#at(this.#nowMs + plan.trainingMs + this.#delay(plan.trainingMs), () => {
        this.#finishTraining(body, duty);
      });
    }
  }

  #finishTraining(body: TrainerBody, duty: Duty): void {
    const { plan, journal, next } = body;
    for (const { said } of carryOut(duty, plan.id, journal, this.ledger.state)) {
      this.#broadcast({ said }, null);
      if (plan.habit === 'equivocates' && said.kind === 'receipt') {
        const { sequence, base } = said.receipt;
        this.#broadcast({ said: { kind: 'receipt', receipt: receiptOf(plan.id, sequence, base, 1) } }, null);
      }
    }
    body.busyWith = null;
    body.next = null;
    if (next !== null) this.#trainerActs(body, next);
  }

  /** A crash: the state is gone; the log and the journal are on disk. */
  #restart(follower: Follower): void {
    const restored = replay(createRun(this.#scenario.config, 0), follower.log);
    if (fingerprint(restored) !== fingerprint(follower.state))
      this.#fail(`${follower.id} did not come back as it was`);
    follower.state = restored;
    follower.life++;
    for (const duty of duties(restored)) this.#take(follower, duty);
  }

  /**
   * The ledger takes back everything since the opening of its newest round but one. Followers go back with it, by
   * replaying a shorter log, and are told again what was signed: no reorganisation undoes a signature.
   */
  #reorganise(): void {
    const round = this.ledger.state.rounds - 2;
    const undone = this.ledger.log.slice(openingOf(this.ledger.log, round));
    if (round < 0 || undone.some(({ kind }) => aboutMembers.has(kind))) return;
    this.#branch++;
    this.#chain.takeBack(round);
    for (const follower of [this.ledger, ...this.followers.values()]) {
      const lost = follower.log.splice(openingOf(follower.log, round));
      follower.state = replay(createRun(this.#scenario.config, 0), follower.log);
      follower.life++;
      for (const event of lost) {
        if (event.kind === 'receiptAccepted')
          this.#hear(follower, { kind: 'receipt', receipt: event.receipt });
      }
      for (const duty of duties(follower.state)) this.#take(follower, duty);
      const dueMs = deadline(follower.state);
      if (dueMs !== null) this.#setTimer(follower, dueMs, clockOf(follower.state));
    }
  }

  #isAsleep(id: Follower['id']): boolean {
    const asleep = this.#asleep.get(id) ?? null;
    return asleep !== null && this.#nowMs >= asleep.fromMs && this.#nowMs < asleep.toMs;
  }

  #check({ id, state }: Follower, events: readonly Event[]): void {
    if ((deadline(state) === null) !== isOver(state)) this.#fail(`${id} waits without a deadline`);
    for (const event of events) {
      if (id === 'ledger') this.#story.push(`${event.kind} ${event.atMs}`);
      if (event.kind !== 'equivocationFound') continue;
      if (this.#trainers.get(event.actor)?.plan.habit !== 'equivocates')
        this.#fail(`${id} accuses ${event.actor}, who is honest`);
    }
  }

  #fail(what: string): never {
    throw new SoakFailure(this.#scenario.seed, `${what} at ${this.#nowMs} ms`);
  }
}
