import type { LedgerActions } from '#libs/ports';
import { type ActorId, find, membershipOf, openRound, type RunState } from '#libs/protocol';
import type { Follower } from './follower.ts';

/**
 * Brings a member back that the ledger has suspended: it lets nobody back by itself. At the beginning of a round, and where no
 * round can begin because too few are left, at once: if all have missed two rounds, nobody else would ever open one.
 */
export class Returning {
  readonly #follower: Follower;
  readonly #actor: ActorId;
  readonly #membership: LedgerActions['membership'];

  constructor(follower: Follower, actor: ActorId, membership: LedgerActions['membership']) {
    this.#follower = follower;
    this.#actor = actor;
    this.#membership = membership;
  }

  begin(state: RunState): void {
    this.#checkIn(state, (openRound(state)?.number ?? state.rounds) + 1);
  }

  /** No round can be opened for want of members. */
  wanted(state: RunState): void {
    this.#checkIn(state, state.rounds);
  }

  /** If the ledger would take it by the round in which it would take part again. */
  #checkIn(state: RunState, round: number): void {
    const member = find(state.trainers, this.#actor) ?? find(state.validators, this.#actor);
    if (member === undefined || membershipOf(state, this.#actor)?.active !== false) return;
    if (member.jailedUntilRound > round) return;
    this.#membership.checkIn(this.#follower.run.domain.number).catch((error: unknown) => {
      this.#follower.world.fail(error);
    });
  }
}
