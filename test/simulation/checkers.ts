import type { Ledger, LedgerEvent } from '#libs/ports';
import {
  type ActorId,
  deadline,
  type Event,
  isQuorum,
  type Quorum,
  type RunState,
  type Seat,
} from '#libs/protocol';

// What must hold of every run, looked at from outside: at the ledger's events and at the state of one follower. None of
// it uses the code that makes it true.

/** What is wrong with a run, one sentence each; empty for a good one. */
export type Complaints = string[];

/** No update gets two verdicts, no Validator two ballots in a round, and no model is released without a quorum. */
export function checkLedger(events: readonly LedgerEvent[], quorum: Quorum): Complaints {
  const complaints: Complaints = [];
  const once = uniquely(complaints);
  let committee: readonly Seat[] = [];
  const placed = new Set<number>();
  for (const event of events) {
    if (event.kind === 'committeeSeated') {
      committee = event.validators.map((id, i) => ({ id, bondWei: event.bondsWei[i]! }));
    } else if (event.kind === 'lineupAccepted') {
      once(`a lineup in round ${event.round}`);
      placed.add(event.round);
      const seats = new Set(event.signers);
      if (!isQuorum(quorum, committee, (seat) => seats.has(committee.indexOf(seat)))) {
        complaints.push(`the lineup of round ${event.round} has no quorum`);
      }
    } else if (event.kind === 'ballotCommitted' || event.kind === 'ballotRevealed') {
      once(`${event.kind} by ${event.validator} in round ${event.round}`);
      if (!committee.some(({ id }) => id === event.validator)) {
        complaints.push(`${event.validator} voted in round ${event.round} without a seat`);
      }
    } else if (event.kind === 'roundSettled') {
      once(`a settlement of round ${event.round}`);
      if (!placed.has(event.round)) complaints.push(`round ${event.round} was settled without a lineup`);
    }
  }
  return complaints;
}

/** Updates are judged once each: every receipt is in the lineup of at most one settled round with a release. */
export function checkVerdicts(events: readonly Event[]): Complaints {
  const complaints: Complaints = [];
  const once = uniquely(complaints);
  let entries: readonly { readonly trainer: ActorId; readonly sequence: number }[] = [];
  let round = -1;
  for (const event of events) {
    if (event.kind === 'lineupPlaced') ({ entries, round } = event);
    if (event.kind !== 'roundSettled') continue;
    if (event.round !== round)
      complaints.push(`round ${event.round} was settled with another round's lineup`);
    for (const [i, { trainer, sequence }] of entries.entries()) {
      // What was accepted and not released is judged again, in the next lineup.
      const counts = event.released || event.outcome.verdicts[i]?.accepted !== true;
      if (counts) once(`a verdict on update ${sequence} of ${trainer}`);
    }
  }
  return complaints;
}

function uniquely(complaints: Complaints): (what: string) => void {
  const seen = new Set<string>();
  return (what) => {
    if (seen.has(what)) complaints.push(`${what}, twice`);
    seen.add(what);
  };
}

/**
 * Watches that nothing waits for ever: whoever is waited for, the phase is over when its deadline has passed and somebody
 * has had the time to say so.
 */
export class Patience {
  readonly complaints: Complaints = [];
  readonly #slackMs: number;
  #due: { readonly atMs: number; readonly what: string } | null = null;

  constructor(slackMs: number) {
    this.#slackMs = slackMs;
  }

  look(state: RunState, nowMs: number): void {
    if (this.#due !== null && nowMs > this.#due.atMs + this.#slackMs && this.#due.what === nameOf(state)) {
      this.complaints.push(`${this.#due.what} outlives its deadline by ${nowMs - this.#due.atMs} ms`);
    }
    const dueMs = deadline(state);
    this.#due = dueMs === null ? null : { atMs: dueMs, what: nameOf(state) };
  }
}

function nameOf({ stage, rounds }: RunState): string {
  if (stage.kind !== 'round') return `${stage.kind} before round ${rounds}`;
  const { number, phase } = stage.round;
  return `the ${phase.kind} phase of round ${number}, attempt ${phase.attempt}`;
}

/** Every token that was minted is in somebody's purse, in the registry or in the vault, and those owe what they hold. */
export async function checkTokens({
  ledger,
  run,
  accounts,
  mintedWei,
}: {
  readonly ledger: Ledger;
  readonly run: bigint;
  readonly accounts: readonly ActorId[];
  readonly mintedWei: bigint;
}): Promise<Complaints> {
  const state = await ledger.run(run);
  if (state === null) return ['there is no run'];
  let heldWei = state.budgetWei;
  for (const account of accounts) {
    const { balanceWei, bondWei, unbondingWei, creditWei } = await ledger.member(run, account);
    heldWei += balanceWei + bondWei + unbondingWei + creditWei;
  }
  return heldWei === mintedWei ? [] : [`${mintedWei} wei were minted and ${heldWei} are there`];
}
