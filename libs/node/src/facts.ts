import { type ActorId, type Entry, type Input, openRound, type RunState, type Seat } from '#libs/protocol';
import { type Change, type LedgerEvent, type LedgerEventOf, settledOutcome } from '#libs/ports';
import type { Hex } from '#libs/wire';
import type { BallotBook } from './ballot-book.ts';
import type { ReceiptBook } from './receipt-book.ts';
import type { MissingLineup } from './run.ts';

/**
 * Turns what happened on the ledger into inputs of the protocol, in the ledger's order and with the time of its blocks.
 * Keeps what the events leave to memory: who has which number, what everybody has bonded, who sits in the committee.
 */
export class LedgerFacts {
  readonly #run: bigint;
  readonly #receipts: ReceiptBook;
  readonly #ballots: BallotBook;
  readonly #patience: (missing: MissingLineup, times: number) => Promise<void>;
  readonly #members = new Set<ActorId>();
  readonly #bondsWei = new Map<ActorId, bigint>();
  #committee: readonly Seat[] = [];
  /** Events of a settlement that is not yet applied to everybody. */
  #settling: LedgerEvent[] = [];
  #funded = false;

  /** @param patience Resolves when it is time to look for a lineup's receipts once more; told how often that was in vain. */
  constructor(
    run: bigint,
    receipts: ReceiptBook,
    ballots: BallotBook,
    patience: (missing: MissingLineup, times: number) => Promise<void>,
  ) {
    this.#run = run;
    this.#receipts = receipts;
    this.#ballots = ballots;
    this.#patience = patience;
  }

  /** What a settlement that was begun and not yet applied to everybody has decided; null if there is none. */
  get begunSettlement(): Hex | null {
    const split = this.#settling.find(({ kind }) => kind === 'settlementSplit');
    return split?.kind === 'settlementSplit' ? split.outcome : null;
  }

  /**
   * The inputs that a block brings, each as soon as the ones before it have been fed: what an event means can depend on
   * them. A lineup whose receipts cannot be had is waited for, since nothing after it can be understood without it.
   */
  async *inputsOf({ block, events }: Change, stateNow: () => RunState): AsyncGenerator<Input> {
    const atMs = block.timeSeconds * 1000;
    const own = events.filter(({ run }) => run === this.#run);
    for (const event of own) yield* this.#inputsOf(event, own, atMs, stateNow);
    yield { kind: 'time', atMs };
  }

  async *#inputsOf(
    event: LedgerEvent,
    block: readonly LedgerEvent[],
    atMs: number,
    stateNow: () => RunState,
  ): AsyncGenerator<Input> {
    switch (event.kind) {
      case 'budgetFunded':
        if (!this.#funded) yield { kind: 'fund', atMs };
        this.#funded = true;
        return;
      case 'runPaused':
        yield { kind: 'pause', atMs };
        return;
      case 'runResumed':
        yield { kind: 'resume', atMs };
        return;
      case 'runFinishing':
        yield { kind: 'finish', atMs };
        return;
      case 'runFinished':
        yield { kind: 'ended', atMs, how: 'finished' };
        return;
      case 'runHalted':
        yield { kind: 'ended', atMs, how: 'halted' };
        return;
      case 'memberJoined': {
        const { account: actor, role, index: number } = event;
        if (role === 'none') return;
        this.#members.add(actor);
        yield { kind: 'join', atMs, actor, role, number, bondWei: this.#bondsWei.get(actor) ?? 0n };
        return;
      }
      case 'memberLeft':
        yield { kind: 'leave', atMs, actor: event.account };
        return;
      case 'memberCheckedIn':
        yield { kind: 'checkIn', atMs, actor: event.account };
        return;
      case 'memberInactive':
        yield { kind: 'suspend', atMs, actor: event.account };
        return;
      case 'bonded':
        yield* this.#bond(event.account, (this.#bondsWei.get(event.account) ?? 0n) + event.amountWei, atMs);
        return;
      case 'unbondingStarted':
        yield* this.#bond(event.account, (this.#bondsWei.get(event.account) ?? 0n) - event.amountWei, atMs);
        return;
      case 'penalised':
        yield* this.#bond(event.account, event.remainingWei, atMs);
        return;
      case 'committeeSeated':
        this.#committee = event.validators.map((id, i) => ({ id, bondWei: event.bondsWei[i]! }));
        return;
      case 'roundOpened':
        yield { kind: 'open', atMs, round: event.round, committee: this.#committee };
        return;
      case 'lineupAccepted':
        yield await this.#lineup(event, atMs);
        return;
      case 'ballotCommitted': {
        const { round, validator, commitment } = event;
        yield { kind: 'commit', atMs, round, validator, commitment };
        return;
      }
      case 'ballotRevealed': {
        const { round, validator, scores, salt } = event;
        this.#ballots.show(round, validator, { scores, salt });
        const phase = openRound(stateNow())?.phase;
        // All ballots may have come by themselves, before the ledger had them.
        if (phase === undefined || phase.kind === 'settlement' || !('lineup' in phase)) return;
        const { length } = phase.lineup.entries;
        yield { kind: 'reveal', atMs, round, validator, scores: scores.slice(0, length) };
        return;
      }
      case 'phaseStarted': {
        const { round, phase, deadline } = event;
        if (phase !== 'commit' && phase !== 'reveal' && phase !== 'settlement') return;
        if (phase === 'settlement') this.#ballots.close(round);
        yield { kind: 'deadline', atMs, round, phase, dueMs: deadline * 1000 };
        return;
      }
      case 'roundSettled':
        this.#settling = [];
        yield* this.#settlement(event, block, atMs, stateNow());
        return;
      case 'settlementContinued':
        yield* this.#settlement(event, block, atMs, stateNow());
        return;
      case 'roundVoided':
        yield { kind: 'void', atMs, round: event.round };
        return;
      case 'runCreated':
      case 'accountNumbered':
      case 'budgetReleased':
      case 'bondWithdrawn':
      case 'rewardsClaimed':
      case 'rewardsCredited':
      case 'jailed':
      case 'settlementSplit':
      case 'equivocationProven':
    }
  }

  *#bond(actor: ActorId, bondWei: bigint, atMs: number): Generator<Input> {
    const known = this.#bondsWei.get(actor);
    this.#bondsWei.set(actor, bondWei);
    // The bond of a newcomer comes with its joining.
    if (known !== bondWei && this.#members.has(actor)) yield { kind: 'bond', atMs, actor, bondWei };
  }

  async #lineup(
    { round, lineupHash, receiptsRoot }: LedgerEventOf<'lineupAccepted'>,
    atMs: number,
  ): Promise<Input> {
    let entries = await this.#receipts.lineupOf(receiptsRoot);
    for (let times = 1; entries === null; times++) {
      await this.#patience({ round, root: receiptsRoot }, times);
      entries = await this.#receipts.lineupOf(receiptsRoot);
    }
    return { kind: 'lineup', atMs, round, lineup: lineupHash, entries };
  }

  /** A settlement of a long lineup takes several transactions: what it did is known with the last of them. */
  *#settlement(
    { round, at }: LedgerEventOf<'roundSettled' | 'settlementContinued'>,
    block: readonly LedgerEvent[],
    atMs: number,
    state: RunState,
  ): Generator<Input> {
    const entries = entriesOf(state);
    if (entries === null) return;
    this.#settling.push(...block.filter((other) => other.at.transaction === at.transaction));
    const outcome = settledOutcome(this.#settling, {
      trainers: entries.map(({ trainer }) => trainer),
      validators: openRound(state)?.committee.map(({ id }) => id) ?? [],
    });
    if (outcome === null) return;
    const model = this.#settling.find(({ kind }) => kind === 'roundSettled');
    this.#settling = [];
    if (model?.kind !== 'roundSettled') return;
    yield { kind: 'settlement', atMs, round, outcome, model: model.modelDigest };
  }
}

function entriesOf(state: RunState): readonly Entry[] | null {
  const phase = openRound(state)?.phase;
  return phase !== undefined && 'lineup' in phase ? phase.lineup.entries : null;
}
