import type { ActorId, Outcome, Tally } from '#libs/protocol';
import type { runSettlement } from './abi/index.ts';
import type { ReturnOf } from './contract/abi-types.ts';

type PolicyOutcome = ReturnOf<(typeof runSettlement)['abi'], 'previewSettlement'>['outcome'];

/** What the policy's answer is about, in the order of the answer. */
export interface Judged {
  readonly round: number;
  readonly tallies: readonly Tally[];
  readonly trainers: readonly ActorId[];
  readonly validators: readonly ActorId[];
  /** What a penalty of an account is a share of: its bond and what it is unbonding. */
  reachWei(account: ActorId): Promise<bigint>;
}

const basisPoints = 10_000n;

/** A policy's answer as the protocol's outcome: who gets and loses what, in wei, as the ledger will carry it out. */
export async function outcomeOf(answer: PolicyOutcome, judged: Judged): Promise<Outcome> {
  const { round, tallies, trainers, validators } = judged;
  const fined = [
    ...answer.verdicts.map(({ penaltyBp, jailRounds }, i) => ({
      actor: trainers[i]!,
      penaltyBp,
      jailRounds,
    })),
    ...answer.seats.map(({ penaltyBp }, i) => ({ actor: validators[i]!, penaltyBp, jailRounds: 0 })),
  ].filter(({ penaltyBp, jailRounds }) => penaltyBp > 0 || jailRounds > 0);
  return {
    verdicts: answer.verdicts.map(({ accepted, mergeWeight }, i) => ({
      accepted,
      tally: tallies[i]!,
      weight: Number(mergeWeight),
    })),
    trusts: answer.verdicts.map(({ trust }, i) => ({ trainer: trainers[i]!, trust })),
    rewards: [
      ...answer.verdicts.map(({ rewardWei }, i) => ({ actor: trainers[i]!, amountWei: rewardWei })),
      ...answer.seats.map(({ rewardWei }, i) => ({ actor: validators[i]!, amountWei: rewardWei })),
    ].filter(({ amountWei }) => amountWei > 0n),
    penalties: await Promise.all(
      fined.map(async ({ actor, penaltyBp, jailRounds }) => ({
        actor,
        amountWei: ((await judged.reachWei(actor)) * BigInt(penaltyBp)) / basisPoints,
        jailedUntilRound: jailRounds === 0 ? 0 : round + 1 + jailRounds,
      })),
    ),
  };
}
