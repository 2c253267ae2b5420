import assert from 'node:assert/strict';
import { type ActorId, type Digest, tallies, type Tally } from '#libs/protocol';
import { ballotCommitment, encodeLineup, lineupDigest, type Signer } from '#libs/wire';
import type { LedgerEvent, LedgerEventKind, LedgerEventOf } from '../events.ts';
import type { Chain, Done, Ledger, LedgerActions, Sent } from '../ledger.ts';
import type { Judged } from '../settled-outcome.ts';
import type {
  LedgerBallots,
  LedgerCertificate,
  LedgerLineup,
  LedgerRun,
  LedgerRunConfig,
  RevealedBallot,
  StatementKind,
} from '../values.ts';

/** A chain under test, and what a test may do to it from outside. */
export interface LedgerWorld {
  readonly chain: Chain;
  /** An account of its own for every name, with coins for gas. */
  signer(name: string): Promise<Signer>;
  /** Lets block time pass; there is a block afterwards. */
  passTime(timeSeconds: number): Promise<void>;
  /** The state of the chain as it is. Calling what it gives out rewinds the chain to it: everything after is gone. */
  mark(): Promise<() => Promise<void>>;
}

export const windows = {
  gatheringSeconds: 3_600,
  trainingSeconds: 600,
  lineupSeconds: 60,
  openingSeconds: 60,
  commitSeconds: 120,
  revealSeconds: 120,
  settlementSeconds: 60,
  evidenceSeconds: 86_400,
};

export const poolWei = 1_000_000n;
export const budgetWei = 10n * poolWei;
export const trainerBondWei = 10_000n;
export const validatorBondWei = 100_000n;

export const digestOf = (number: number): Digest => `0x${number.toString(16).padStart(64, '0')}`;

/** The transaction's result, which must not be a refusal. */
export function done(sent: Sent): Done {
  assert.equal(
    sent.kind,
    'done',
    sent.kind === 'reverted' ? `${sent.name} ${String(Object.entries(sent.args))}` : '',
  );
  return sent;
}

/** The one event of a kind among others. */
export function only<Kind extends LedgerEventKind>(
  events: readonly LedgerEvent[],
  kind: Kind,
): LedgerEventOf<Kind> {
  const found = events.filter((event): event is LedgerEventOf<Kind> => event.kind === kind);
  assert.equal(found.length, 1, `${found.length} events ${kind}`);
  return found[0]!;
}

export interface Actor {
  readonly signer: Signer;
  readonly id: ActorId;
  readonly act: LedgerActions;
}

let stages = 0;

/** A deployed ledger with a run, and people who do what nodes do. Every stage has accounts of its own. */
export class Stage {
  readonly world: LedgerWorld;
  readonly ledger: Ledger;
  readonly sponsor: Actor;
  readonly config: LedgerRunConfig;
  readonly run: bigint;
  /** All that was done on the way here, in order. */
  readonly sent: Done[] = [];
  readonly trainers: Actor[] = [];
  readonly validators: Actor[] = [];
  /** Of a Trainer by a seat. */
  score = (trainer: number, seat: number): number => 100 * (trainer + 1) + 7 * seat;
  readonly #name: string;

  private constructor(
    world: LedgerWorld,
    name: string,
    ledger: Ledger,
    sponsor: Actor,
    config: LedgerRunConfig,
    created: Done,
  ) {
    this.world = world;
    this.ledger = ledger;
    this.sponsor = sponsor;
    this.config = config;
    this.run = only(created.events, 'runCreated').run;
    this.#name = name;
    this.sent.push(created);
  }

  /** A run that nobody has joined or funded. */
  static async empty(world: LedgerWorld, terms: Partial<LedgerRunConfig['terms']> = {}): Promise<Stage> {
    const name = `stage ${++stages}`;
    const signer = await world.signer(`${name}, Sponsor`);
    const ledger = await world.chain.deployLedger(signer, 10n ** 27n);
    const policy = await world.chain.deployPolicy(signer, { name: 'ProportionalPolicy' });
    const config: LedgerRunConfig = {
      configurationDigest: digestOf(7),
      rules: {
        policy,
        policyGas: 8_000_000,
        scoresBase: false,
        quorumNumerator: 1,
        quorumDenominator: 2,
        largeNumerator: 2,
        largeDenominator: 3,
        largeFrom: 4,
      },
      windows,
      terms: {
        maxPauseSeconds: 86_400,
        minTrainers: 1,
        minValidators: 1,
        poolWei,
        trainerBondWei,
        validatorBondWei,
        ...terms,
      },
    };
    const sponsor = { signer, id: signer.address, act: ledger.as(signer) };
    return new Stage(world, name, ledger, sponsor, config, done(await sponsor.act.sponsor.createRun(config)));
  }

  /** A funded run with members. */
  static async of(world: LedgerWorld, trainers: number, validators: number): Promise<Stage> {
    const stage = await Stage.empty(world);
    const { token, sponsor } = stage.sponsor.act;
    done(await token.mint(stage.sponsor.id, budgetWei));
    stage.sent.push(done(await sponsor.fund(stage.run, budgetWei)));
    for (let i = 0; i < trainers; i++) stage.trainers.push(await stage.member('trainer', trainerBondWei));
    for (let i = 0; i < validators; i++)
      stage.validators.push(await stage.member('validator', validatorBondWei));
    return stage;
  }

  async actor(name: string): Promise<Actor> {
    const signer = await this.world.signer(`${this.#name}, ${name}`);
    return { signer, id: signer.address, act: this.ledger.as(signer) };
  }

  /** Somebody with tokens. */
  async rich(name: string, amountWei: bigint): Promise<Actor> {
    const actor = await this.actor(name);
    done(await this.sponsor.act.token.mint(actor.id, amountWei));
    return actor;
  }

  async member(role: 'trainer' | 'validator', bondWei: bigint): Promise<Actor> {
    const actor = await this.rich(`${role} ${this.trainers.length} ${this.validators.length}`, bondWei);
    this.sent.push(done(await actor.act.membership.bond(this.run, bondWei)));
    this.sent.push(done(await actor.act.membership.join(this.run, role)));
    return actor;
  }

  async state(): Promise<LedgerRun> {
    const state = await this.ledger.run(this.run);
    assert.ok(state !== null);
    return state;
  }

  async numberOf({ id }: Actor): Promise<number> {
    return (await this.ledger.member(this.run, id)).index;
  }

  // ------------------------------------------------------------------------------------------------- one round

  async open(): Promise<void> {
    this.sent.push(done(await this.sponsor.act.rounds.open(this.run)));
  }

  /** What a quorum (here: everybody) signs. */
  async endorse(kind: StatementKind, parent: Digest, content: Digest) {
    const { committee, round: number } = await this.state();
    const { run } = this;
    const digest = await this.ledger.statementDigest({ kind, run, number, attempt: 0, parent, content });
    const signatures = committee.map(({ validator }, seat) => ({
      seat,
      signature: this.#validator(validator).signer.sign(digest),
    }));
    return { attempt: 0, signatures };
  }

  async lineup(): Promise<LedgerLineup> {
    const { round } = await this.state();
    const places = await Promise.all(
      this.trainers.map(async (trainer, i) => ({
        number: await this.numberOf(trainer),
        receipt: digestOf(100 + i),
      })),
    );
    return { round, ...encodeLineup(places) };
  }

  async propose(): Promise<void> {
    const { proposers, release } = await this.state();
    const lineup = await this.lineup();
    const endorsement = await this.endorse('lineup', release, lineupDigest(this.run, lineup.round, lineup));
    const { act } = this.#validator(proposers[0]!);
    this.sent.push(done(await act.rounds.proposeLineup(this.run, lineup, endorsement)));
  }

  /** Ballots by seat: scores that differ by Trainer and Validator, unless a case has its own. */
  async ballots(): Promise<RevealedBallot[]> {
    const { committee } = await this.state();
    return committee.map((_, seat) => ({
      seat,
      scores: this.trainers.map((_, i) => this.score(i, seat)),
      salt: digestOf(1_000 + seat),
    }));
  }

  async commit(): Promise<void> {
    const { round, committee, lineupHash: lineup } = await this.state();
    for (const { seat, scores, salt } of await this.ballots()) {
      const { id: validator, act } = this.#validator(committee[seat]!.validator);
      const commitment = ballotCommitment({ run: this.run, round, lineup, validator, scores, salt });
      this.sent.push(done(await act.rounds.commit(this.run, round, seat, commitment)));
    }
  }

  /** The first ballot by its own Validator, the others by one of them for all. */
  async reveal(): Promise<void> {
    const { round, committee } = await this.state();
    const [first, ...others] = await this.ballots();
    const { act } = this.#validator(committee[0]!.validator);
    this.sent.push(done(await act.rounds.reveal(this.run, round, [first!])));
    if (others.length > 0)
      this.sent.push(done(await act.rounds.reveal(this.run, round, others.toReversed())));
  }

  /** All that a settlement is computed from: what was revealed, or will be by the settlement, and its tallies. */
  async settled(): Promise<LedgerBallots> {
    const { committee, phase, committed, revealed } = await this.state();
    const counted = phase === 'reveal' ? committed : revealed;
    const ballots = (await this.ballots()).filter(({ seat }) => counted.includes(seat));
    const votes = ballots.map(({ seat, scores }) => ({ bondWei: committee[seat]!.bondWei, scores }));
    const medians: readonly Tally[] = tallies(votes, this.trainers.length);
    return { lineup: await this.lineup(), tallies: medians, ballots };
  }

  async certificate(modelDigest: Digest): Promise<LedgerCertificate> {
    const preview = await this.ledger.previewSettlement(this.run, await this.settled());
    assert.ok(preview.kind === 'previewed');
    return { modelDigest, ...(await this.endorse('certificate', preview.parent, modelDigest)) };
  }

  /** Whom a settlement of the open round is about. */
  async judged(): Promise<Judged> {
    const { committee } = await this.state();
    return {
      trainers: this.trainers.map(({ id }) => id),
      validators: committee.map((seat) => seat.validator),
    };
  }

  /** The Validator whose turn it is while nobody has failed. */
  async proposer(): Promise<Actor> {
    return this.#validator((await this.state()).proposers[0]!);
  }

  /** From opening to revealed ballots. */
  async upToSettlement(): Promise<void> {
    await this.open();
    await this.propose();
    await this.commit();
    await this.reveal();
  }

  async settle(modelDigest: Digest, limit?: number): Promise<Done> {
    const { act } = await this.proposer();
    const sent = done(
      await act.settlement.settle(this.run, await this.settled(), await this.certificate(modelDigest), limit),
    );
    this.sent.push(sent);
    return sent;
  }

  /** All tokens: accounts' own, bonds and what is unbonding, credits, and the budget. */
  async tokensWei(): Promise<bigint> {
    const actors = [this.sponsor, ...this.trainers, ...this.validators];
    let sumWei = (await this.state()).budgetWei;
    for (const { id } of actors) {
      const { balanceWei, bondWei, unbondingWei, creditWei } = await this.ledger.member(this.run, id);
      sumWei += balanceWei + bondWei + unbondingWei + creditWei;
    }
    return sumWei;
  }

  #validator(id: ActorId): Actor {
    const found = this.validators.find((validator) => validator.id === id);
    assert.ok(found !== undefined, `${id} is no Validator of this stage`);
    return found;
  }
}
