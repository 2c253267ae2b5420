import { type ActorId, type Digest, find, openRound, type RunState } from '#libs/protocol';
import { ballotCommitment } from '#libs/wire';

/** A Validator's scores in the order of the lineup, the base model's last where the run scores it. */
export interface Ballot {
  readonly scores: readonly number[];
  readonly salt: Digest;
}

/** Revealed ballots of the open round, each the one that its Validator has committed to. */
export class BallotBook {
  readonly #run: bigint;
  #round = -1;
  #ballots = new Map<ActorId, Ballot>();
  #shown = new Set<ActorId>();
  #isClosed = false;

  constructor(run: bigint) {
    this.#run = run;
  }

  /** Keeps a ballot if it fits the commitment on the ledger. */
  add(state: RunState, round: number, validator: ActorId, { scores, salt }: Ballot): boolean {
    const open = openRound(state);
    if (open?.number !== round || !('lineup' in open.phase) || !('commitments' in open.phase)) return false;
    const { lineup, commitments } = open.phase;
    const said = { run: this.#run, round, lineup: lineup.digest, validator, scores, salt };
    if (find(commitments, validator) !== ballotCommitment(said)) return false;
    this.#turnTo(round);
    this.#ballots.set(validator, { scores, salt });
    return true;
  }

  /** Keeps a ballot that stands on the ledger. */
  show(round: number, validator: ActorId, ballot: Ballot): void {
    this.#turnTo(round);
    this.#ballots.set(validator, ballot);
    this.#shown.add(validator);
  }

  isShown(round: number, validator: ActorId): boolean {
    return this.#round === round && this.#shown.has(validator);
  }

  of(round: number): ReadonlyMap<ActorId, Ballot> {
    return this.#round === round ? this.#ballots : new Map();
  }

  /** The ballots that a settlement brings: all of them while the ledger still takes them, else those it has taken. */
  counted(round: number): ReadonlyMap<ActorId, Ballot> {
    const ballots = this.of(round);
    return this.#isClosed ? new Map([...ballots].filter(([id]) => this.#shown.has(id))) : ballots;
  }

  /** The ledger takes no more ballots. */
  close(round: number): void {
    this.#turnTo(round);
    this.#isClosed = true;
  }

  #turnTo(round: number): void {
    if (this.#round === round) return;
    this.#round = round;
    this.#ballots = new Map();
    this.#shown = new Set();
    this.#isClosed = false;
  }
}
