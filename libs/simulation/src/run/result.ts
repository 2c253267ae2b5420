import type { RunPlan } from '#libs/experiment';
import type { Ledger } from '#libs/ports';
import { find, type RunState } from '#libs/protocol';
import type { ActorResult, CastMember, RoundRecord } from './observer.ts';

/** Where an actor's result is read: the ledger, which has the money, and the observer's state and records. */
export interface Accounts {
  readonly plan: RunPlan;
  readonly ledger: Ledger;
  readonly run: bigint;
  readonly state: RunState;
  readonly rounds: readonly RoundRecord[];
  readonly virtualMs: number;
}

/** What came of one actor that was busy for so long; money as the ledger has it. */
export async function actorResult(
  { id, name, role, position, behaviour, site }: CastMember,
  busyMs: number,
  { plan, ledger, run, state, rounds, virtualMs }: Accounts,
): Promise<ActorResult> {
  const account = await ledger.member(run, id);
  const verdicts = rounds.flatMap((round) => round.verdicts.filter(({ trainer }) => trainer === id));
  const penaltiesWei = rounds
    .flatMap(({ penalties }) => penalties.filter(({ actor }) => actor === id))
    .reduce((sum, { amountWei }) => sum + amountWei, 0n);
  const profitWei =
    account.balanceWei + account.bondWei + account.unbondingWei + account.creditWei - plan.economy.purseWei;
  const accepted = verdicts.filter((verdict) => verdict.accepted).length;
  return {
    ...{ id, name, role, position, behaviour, site },
    trust: role === 'trainer' ? (find(state.trainers, id)?.trust ?? account.trust) : null,
    accepted,
    refused: verdicts.length - accepted,
    rewardsWei: profitWei + penaltiesWei,
    penaltiesWei,
    profitWei,
    bondWei: account.bondWei,
    jailedUntilRound: account.jailedUntilRound,
    idle: virtualMs === 0 ? 0 : Math.max(0, 1 - busyMs / virtualMs),
  };
}
