import type { Ledger, LedgerEvent, LedgerEventOf } from '#libs/ports';
import type { ActorId } from '#libs/protocol';
import type { Complaints } from '../simulation/checkers.ts';

// What must hold whatever breaks, computed anew from the chain's events and compared with what the contracts hold.

/** Rounds are opened once each and in order, every one that is over ended once, and nobody was found guilty. */
export function checkRounds(events: readonly LedgerEvent[]): Complaints {
  const complaints: Complaints = [];
  let open: number | null = null;
  let next = 0;
  for (const event of events) {
    if (event.kind === 'roundOpened') {
      if (open !== null) complaints.push(`round ${event.round} was opened while ${open} was open`);
      if (event.round !== next) complaints.push(`round ${event.round} was opened where ${next} was due`);
      open = event.round;
      next = event.round + 1;
    } else if (event.kind === 'roundSettled' || event.kind === 'roundVoided') {
      if (event.round !== open)
        complaints.push(`round ${event.round} ended and was not open (${event.kind})`);
      open = null;
    } else if (event.kind === 'equivocationProven') {
      complaints.push(`${event.offender} was found to have said two things (${event.statement})`);
    }
  }
  return complaints;
}

/** Everybody has been paid what the settlements say, once, and has lost of its bond what its penalties say. */
export async function checkPay(
  ledger: Ledger,
  run: bigint,
  accounts: readonly ActorId[],
  events: readonly LedgerEvent[],
): Promise<Complaints> {
  const complaints: Complaints = [];
  const earned = earnings(events);
  const bonded = bonds(events);
  for (const account of accounts) {
    const { creditWei, bondWei } = await ledger.member(run, account);
    const claimed = sum(events, (event) =>
      event.kind === 'rewardsClaimed' && event.account === account ? event.amountWei : 0n,
    );
    const [due, got] = [earned.get(account) ?? 0n, creditWei + claimed];
    if (due !== got) complaints.push(`${account} has earned ${due} wei and was paid ${got}`);
    const left = bonded.get(account) ?? 0n;
    if (left !== bondWei) complaints.push(`${account} should have a bond of ${left} wei and has ${bondWei}`);
  }
  return complaints;
}

function earnings(events: readonly LedgerEvent[]): ReadonlyMap<ActorId, bigint> {
  const earned = new Map<ActorId, bigint>();
  const pay = (account: ActorId, amountWei: bigint): void =>
    void earned.set(account, (earned.get(account) ?? 0n) + amountWei);
  const members = new Map<number, ActorId>();
  let lineup: LedgerEventOf<'lineupAccepted'> | null = null;
  let seated: LedgerEventOf<'committeeSeated'> | null = null;
  for (const event of events) {
    if (event.kind === 'memberJoined') members.set(event.index, event.account);
    if (event.kind === 'lineupAccepted') lineup = event;
    if (event.kind === 'committeeSeated') seated = event;
    if (event.kind !== 'roundSettled') continue;
    for (const [i, { rewardWei }] of event.verdicts.entries())
      pay(members.get(lineup!.trainers[i]!)!, rewardWei);
    for (const [i, { rewardWei }] of event.seats.entries()) pay(seated!.validators[i]!, rewardWei);
    pay(event.settler, event.settlerWei);
  }
  return earned;
}

function bonds(events: readonly LedgerEvent[]): ReadonlyMap<ActorId, bigint> {
  const left = new Map<ActorId, bigint>();
  for (const event of events) {
    if (event.kind === 'bonded') left.set(event.account, (left.get(event.account) ?? 0n) + event.amountWei);
    if (event.kind === 'penalised')
      left.set(event.account, (left.get(event.account) ?? 0n) - event.penaltyWei);
  }
  return left;
}

const sum = (events: readonly LedgerEvent[], of: (event: LedgerEvent) => bigint): bigint =>
  events.reduce((total, event) => total + of(event), 0n);
