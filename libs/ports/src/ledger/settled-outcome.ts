import type { ActorId, Outcome, Penalty } from '#libs/protocol';
import type { LedgerEvent } from './events.ts';

/** Whom a settlement is about. */
export interface Judged {
  /** In the order of the lineup. */
  readonly trainers: readonly ActorId[];
  /** In the order of the seats. */
  readonly validators: readonly ActorId[];
}

/**
 * What a round was settled with, from the events of the transaction that settled it and, where it was split, of those
 * that carried it on; others may be among them. It is what `previewSettlement` said, and the settler's share.
 *
 * Rewards are one an actor: Trainers, Validators, the settler if it is neither. Penalties are in the order in which the
 * ledger took them.
 *
 * @returns null if nothing is settled, or not yet applied to the whole lineup: what the rest loses is not known before.
 */
export function settledOutcome(
  events: readonly LedgerEvent[],
  { trainers, validators }: Judged,
): Outcome | null {
  const start = events.findIndex(({ kind }) => kind === 'roundSettled');
  const settled = events[start];
  if (settled?.kind !== 'roundSettled') return null;
  const after = events.slice(start + 1).filter(({ run }) => run === settled.run);
  if (!isWhole(after, settled.verdicts.length)) return null;

  const rewards = new Map<ActorId, bigint>();
  const reward = (actor: ActorId, amountWei: bigint) => {
    if (amountWei > 0n) rewards.set(actor, (rewards.get(actor) ?? 0n) + amountWei);
  };
  settled.verdicts.forEach(({ rewardWei }, i) => {
    reward(trainers[i]!, rewardWei);
  });
  settled.seats.forEach(({ rewardWei }, i) => {
    reward(validators[i]!, rewardWei);
  });
  reward(settled.settler, settled.settlerWei);

  return {
    verdicts: settled.verdicts.map(({ accepted, tally, mergeWeight: weight }) => ({
      accepted,
      tally,
      weight,
    })),
    trusts: settled.verdicts.map(({ trust }, i) => ({ trainer: trainers[i]!, trust })),
    rewards: [...rewards].map(([actor, amountWei]) => ({ actor, amountWei })),
    penalties: penaltiesIn(after),
  };
}

/** True if the settlement was applied to all of so many Trainers. */
function isWhole(after: readonly LedgerEvent[], trainers: number): boolean {
  let applied: number | null = null;
  for (const event of after) {
    if (event.kind === 'settlementSplit') applied = event.applied;
    if (event.kind === 'settlementContinued' && applied !== null) applied += event.applied;
  }
  return applied === null || applied >= trainers;
}

function penaltiesIn(after: readonly LedgerEvent[]): Penalty[] {
  const penalties: Penalty[] = [];
  /** Takes out the last penalty of an actor. */
  const last = (actor: ActorId) => {
    const at = penalties.findLastIndex((penalty) => penalty.actor === actor);
    return at < 0 ? undefined : penalties.splice(at, 1)[0];
  };
  for (const event of after) {
    if (event.kind === 'penalised') {
      penalties.push({ actor: event.account, amountWei: event.penaltyWei, jailedUntilRound: 0 });
    } else if (event.kind === 'jailed') {
      const { account: actor, untilRound: jailedUntilRound } = event;
      penalties.push({ actor, amountWei: last(actor)?.amountWei ?? 0n, jailedUntilRound });
    } else if (event.kind === 'equivocationProven') {
      last(event.offender); // that penalty was not the settlement's
    }
  }
  return penalties;
}
