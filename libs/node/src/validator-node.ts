import type { Cancel } from '#libs/ports';
import { type ActorId, type Effect, find, openRound, type RunState } from '#libs/protocol';
import type { Agent } from './follower.ts';
import { Timekeeper } from './timekeeper.ts';
import { Evidence } from './validator/evidence.ts';
import type { ValidatorOptions } from './validator/options.ts';
import { Settling } from './validator/settling.ts';
import { Statements } from './validator/statements.ts';
import { Voting } from './validator/voting.ts';

/** Scores updates on its own hold-out, votes, and takes its turn at proposing, merging and settling. */
export class ValidatorNode implements Agent {
  readonly actor: ActorId;
  readonly #options: ValidatorOptions;
  readonly #statements: Statements;
  readonly #voting: Voting;
  readonly #settling: Settling;
  readonly #evidence: Evidence;
  readonly #timekeeper: Timekeeper;
  #detach: Cancel | null = null;
  #alive = true;

  constructor(options: ValidatorOptions) {
    this.#options = options;
    this.actor = options.signer.address;
    this.#statements = new Statements(options);
    this.#voting = new Voting(options);
    this.#settling = new Settling(options);
    this.#evidence = new Evidence(options);
    this.#timekeeper = new Timekeeper(options.follower, options.ledger, options.patienceMs);
  }

  start(): void {
    this.#detach = this.#options.follower.attach(this);
    this.#timekeeper.start();
  }

  /** As if killed. The journal stays. */
  stop(): void {
    this.#alive = false;
    this.#detach?.();
    this.#timekeeper.stop();
  }

  carryOut(effect: Effect): void {
    if ('round' in effect && !this.#takesPart(effect.round)) return;
    this.#do(effect)?.catch((error: unknown) => {
      if (this.#alive) this.#options.follower.world.fail(error);
    });
  }

  #do(effect: Effect): Promise<void> | undefined {
    switch (effect.kind) {
      case 'proposeLineup':
        return this.#statements.proposeLineup(effect);
      case 'signLineup':
        return this.#statements.signLineup(effect);
      case 'placeLineup':
        return this.#settling.placeLineup(effect);
      case 'score':
        return this.#voting.score(effect);
      case 'commitBallot':
        return this.#voting.commit(effect);
      case 'revealBallot':
        return this.#voting.reveal(effect);
      case 'previewSettlement':
        return this.#settling.preview(effect);
      case 'merge':
        return this.#settling.merge(effect);
      case 'signCertificate':
        return this.#statements.signCertificate(effect);
      case 'settle':
        return this.#settling.settle(effect);
      case 'announceRelease':
        return this.#settling.announce(effect.version, effect.model);
      case 'shareReceipts':
        return this.#statements.share(effect.receipts);
      case 'reportEquivocation':
        return this.#evidence.report(effect);
      case 'startTraining':
      case 'publishKey':
      case 'openRound':
      case 'setDeadline':
      case 'closePhase':
        return undefined;
    }
  }

  begin(state: RunState): void {
    if (this.#takesPart(openRound(state)?.number ?? state.rounds)) this.#checkIn(state);
  }

  #takesPart(round: number): boolean {
    return this.#options.conduct?.takesPart?.(round) !== false;
  }

  /** A Validator that has been away tells the ledger that it is back, as soon as the ledger would have it. */
  #checkIn(state: RunState): void {
    const me = find(state.validators, this.actor);
    const next = (openRound(state)?.number ?? state.rounds) + 1;
    if (me === undefined || me.active || me.jailedUntilRound > next) return;
    const { follower, ledger } = this.#options;
    ledger.membership.checkIn(follower.run.domain.number).catch(follower.world.fail);
  }
}
