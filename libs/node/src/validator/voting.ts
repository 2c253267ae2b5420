import { type ActorId, type Digest, type Entry, openRound, type Round } from '#libs/protocol';
import { ballotCommitment, hexOf } from '#libs/wire';
import type { Ballot } from '../ballot-book.ts';
import { Copies } from './copies.ts';
import type { BallotContext, DutyOf, ValidatorOptions } from './options.ts';
import { scoresOf } from './scoring.ts';

/** A Validator's own ballots: scored, committed, revealed. */
export class Voting {
  readonly #options: ValidatorOptions;
  readonly #me: ActorId;
  readonly #copies: Copies;
  readonly #scoring = new Set<string>();

  constructor(options: ValidatorOptions) {
    this.#options = options;
    this.#copies = new Copies(options.recall);
    this.#me = options.signer.address;
  }

  /** Scores, writes the ballot down, and says that it is there. Asked again, it says what is written. */
  async score(duty: DutyOf<'score'>): Promise<void> {
    const { follower } = this.#options;
    const key = keyOf(duty);
    if (this.#scoring.has(key)) return;
    this.#scoring.add(key);
    try {
      if (this.#written(duty) === null) {
        const scores = await this.#scores(duty);
        if (scores === null) return;
        await this.#write(duty, scores);
      }
    } finally {
      this.#scoring.delete(key);
    }
    follower.say({ kind: 'scored', round: duty.round, validator: this.#me });
  }

  async #scores(duty: DutyOf<'score'>): Promise<readonly number[] | null> {
    const { conduct } = this.#options;
    const context = this.#context(duty.round, duty.entries);
    const instead = conduct?.instead?.(context) ?? null;
    if (instead !== null) return instead;
    const honest = await scoresOf(duty, this.#copies, this.#options);
    return honest === null ? null : (conduct?.scores?.(honest, context) ?? honest);
  }

  #context(round: number, entries: readonly Entry[]): BallotContext {
    const { follower, scoresBase } = this.#options;
    return { round, entries, scoresBase, state: follower.state };
  }

  async commit(duty: DutyOf<'commitBallot'>): Promise<void> {
    const { follower, ledger, conduct } = this.#options;
    const { round, lineup } = duty;
    const ballot = this.#written(duty);
    const open = openRound(follower.state);
    if (ballot === null || open?.number !== round) return;
    const number = follower.run.domain.number;
    const own = ballotCommitment({ run: number, round, lineup, validator: this.#me, ...ballot });
    const entries = 'lineup' in open.phase ? open.phase.lineup.entries : [];
    const commitment = (await conduct?.commitment?.(this.#context(round, entries))) ?? own;
    await ledger.rounds.commit(number, round, seatOf(open, this.#me), commitment);
  }

  /**
   * Shows the ballot to everybody, so that whoever settles brings all of them at once; and, where that does not happen in
   * half of the time, brings what it has to the ledger itself.
   */
  async reveal(duty: DutyOf<'revealBallot'>): Promise<void> {
    const { follower, signer, conduct } = this.#options;
    const { round, lineup } = duty;
    const ballot = this.#written(duty);
    if (ballot === null || conduct?.reveals?.(round) === false) return;
    const { clock, post } = follower.world;
    const seat = seatOf(openRound(follower.state)!, this.#me);
    const { revealMs } = follower.run.config.windows;
    // One after the other, so that the first spares the others the trouble.
    clock.at(clock.nowMs() + revealMs / 2 + seat * staggerMs, () => {
      this.#bring(round).catch(follower.world.fail);
    });
    await follower.publish(post.sign(signer, 'ballot', { round, lineup, ...ballot }));
  }

  async #bring(round: number): Promise<void> {
    const { follower, ledger } = this.#options;
    const open = openRound(follower.state);
    if (open?.number !== round) return;
    const ballots = open.committee.flatMap(({ id }, seat) => {
      const ballot = follower.ballots.of(round).get(id) ?? (id === this.#me ? this.#own(open) : null);
      return ballot === null || follower.ballots.isShown(round, id) ? [] : [{ seat, ...ballot }];
    });
    if (ballots.length > 0) await ledger.rounds.reveal(follower.run.domain.number, round, ballots);
  }

  #own({ number, phase }: Round): Ballot | null {
    return 'lineup' in phase ? this.#written({ round: number, lineup: phase.lineup.digest }) : null;
  }

  async #write(of: Vote, scores: readonly number[]): Promise<void> {
    const { journal, entropy } = this.#options;
    const salt = hexOf(entropy(keyOf(of), 32));
    await journal.put(keyOf(of), Buffer.from(JSON.stringify({ scores, salt })));
  }

  #written(of: Vote): Ballot | null {
    const bytes = this.#options.journal.get(keyOf(of));
    return bytes === undefined ? null : (JSON.parse(Buffer.from(bytes).toString()) as Ballot);
  }
}

interface Vote {
  readonly round: number;
  readonly lineup: Digest;
}

const staggerMs = 1_000;
const keyOf = ({ round, lineup }: Vote): string => `ballot/${round}/${lineup}`;

/** The place of a Validator in the committee of a round. */
export function seatOf({ committee }: Round, validator: ActorId): number {
  return committee.findIndex(({ id }) => id === validator);
}
