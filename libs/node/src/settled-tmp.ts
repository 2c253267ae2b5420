import type { LedgerEvent } from '#libs/ports';
import type { ActorId, Outcome } from '#libs/protocol';
export function settledOutcome(events: readonly LedgerEvent[], { trainers, validators }: { trainers: readonly ActorId[]; validators: readonly ActorId[] }): Outcome {
  const settled = events.find((e) => e.kind === 'roundSettled');
  if (settled?.kind !== 'roundSettled') throw new Error('no settlement');
  const jailed = new Map(events.flatMap((e) => (e.kind === 'jailed' ? [[e.account, e.untilRound] as const] : [])));
  return {
    verdicts: settled.verdicts.map(({ accepted, tally, mergeWeight }) => ({ accepted, tally, weight: mergeWeight })),
    trusts: settled.verdicts.map(({ trust }, i) => ({ trainer: trainers[i]!, trust })),
    rewards: [
      ...settled.verdicts.map(({ rewardWei }, i) => ({ actor: trainers[i]!, amountWei: rewardWei })),
      ...settled.seats.map(({ rewardWei }, i) => ({ actor: validators[i]!, amountWei: rewardWei })),
      { actor: settled.settler, amountWei: settled.settlerWei },
    ].filter(({ amountWei }) => amountWei > 0n),
    penalties: events.flatMap((e) => (e.kind === 'penalised' ? [{ actor: e.account, amountWei: e.penaltyWei, jailedUntilRound: jailed.get(e.account) ?? 0 }] : [])),
  };
}
