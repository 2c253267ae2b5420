import type { Cancel } from '#libs/ports';
import { type ActorId, type Effect, type Event, openRound, type RunState } from '#libs/protocol';
import type { Agent } from './follower.ts';
import { mayReturn } from './returning.ts';
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
    this.#attempt(this.#do(effect));
  }

  #attempt(work: Promise<unknown> | undefined): void {
    work?.catch((error: unknown) => {
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

  see(events: readonly Event[], state: RunState): void {
    // It may have been void because the store has lost the model: looking for it puts it there again.
    if (events.some(({ kind }) => kind === 'roundVoided')) this.#attempt(this.#options.models.newest(state));
  }

  wanted(state: RunState): void {
    this.#return(state);
  }

  begin(state: RunState): void {
    this.#return(state);
  }

  #return(state: RunState): void {
    if (!this.#takesPart(openRound(state)?.number ?? state.rounds) || !mayReturn(state, this.actor)) return;
    const { follower, ledger } = this.#options;
    this.#attempt(ledger.membership.checkIn(follower.run.domain.number));
  }

  #takesPart(round: number): boolean {
    return this.#options.conduct?.takesPart?.(round) !== false;
  }
}
