import type { ActorId, Entry, Event, Outcome } from '#libs/protocol';
import type { RunFolder } from '../folder/reader.ts';
import type { RunPlan, TrainerBehaviour } from '../run-plan.ts';
import type { ActorFigures } from './figures.ts';

/** One round's settlement with what it judged. */
export interface Settled {
  readonly round: number;
  /** The version that the round trained from. */
  readonly version: number;
  readonly entries: readonly Entry[];
  readonly outcome: Outcome;
}

/** The settlements of a run, by round. A round that is void has none. */
export function settlementsOf(events: readonly Event[]): Map<number, Settled> {
  const settled = new Map<number, Settled>();
  let version = 0;
  let entries: readonly Entry[] = [];
  for (const event of events) {
    if (event.kind === 'roundOpened') [version, entries] = [event.version, []];
    if (event.kind === 'lineupPlaced') entries = event.entries;
    if (event.kind === 'roundSettled') {
      const { round, outcome } = event;
      settled.set(round, { round, version, entries, outcome });
    }
  }
  return settled;
}

/** Whole tokens; a double has digits enough for tables, and the run folder has the others. */
export const tokensOf = (wei: bigint): number => Number(wei) / 1e18;

/** Every actor of a run, round by round, in the order of the plan. */
export function actorsOf(
  { plan, events, rounds, summary }: Pick<RunFolder, 'plan' | 'events' | 'rounds' | 'summary'>,
  settlements: ReadonlyMap<number, Settled> = settlementsOf(events),
): ActorFigures[] {
  return (summary?.actors ?? []).map(({ site, id, behaviour }) => {
    const isTrainer = site.startsWith('trainer-');
    const position = Number(site.split('-')[1]);
    const followed = rounds.map(({ round }) => settlements.get(round));
    return {
      site,
      role: isTrainer ? ('trainer' as const) : ('validator' as const),
      behaviour,
      strength: isTrainer ? strengthOf(plan, position) : 0,
      ...followOne(id, followed),
    };
  });
}

function followOne(
  id: ActorId | null,
  settlements: readonly (Settled | undefined)[],
): Pick<ActorFigures, 'trust' | 'reward' | 'penalty' | 'verdict' | 'tally'> {
  const all = { trust: [], reward: [], penalty: [], verdict: [], tally: [] } as {
    -readonly [K in 'trust' | 'reward' | 'penalty' | 'verdict' | 'tally']: ActorFigures[K];
  };
  let [trust, rewardWei, penaltyWei]: [number | null, bigint, bigint] = [null, 0n, 0n];
  for (const settled of settlements) {
    const { outcome, entries } = settled ?? {};
    for (const entry of outcome?.trusts ?? []) if (entry.trainer === id) trust = entry.trust / 1e9;
    for (const { actor, amountWei } of outcome?.rewards ?? []) if (actor === id) rewardWei += amountWei;
    for (const { actor, amountWei } of outcome?.penalties ?? []) if (actor === id) penaltyWei += amountWei;
    const at = entries?.findLastIndex(({ trainer }) => trainer === id) ?? -1;
    const verdict = outcome?.verdicts[at];
    all.trust.push(trust);
    all.reward.push(tokensOf(rewardWei));
    all.penalty.push(tokensOf(penaltyWei));
    all.tally.push(verdict && verdict.tally !== 'unavailable' ? verdict.tally : null);
    all.verdict.push(verdict ? verdictOf(verdict) : null);
  }
  return all;
}

function verdictOf({ accepted, tally }: Outcome['verdicts'][number]): 'accepted' | 'refused' | 'unavailable' {
  if (accepted) return 'accepted';
  return tally === 'unavailable' ? 'unavailable' : 'refused';
}

/** How much of what it does it does: what trust is held against. */
function strengthOf({ trainers }: RunPlan, position: number): number {
  const behaviour: TrainerBehaviour = trainers[position]?.behaviour ?? { kind: 'honest' };
  switch (behaviour.kind) {
    case 'honest':
      return 0;
    case 'noise':
      return behaviour.std;
    case 'signFlip':
    case 'scale':
      return behaviour.factor;
    case 'backdoor':
      return behaviour.share;
    case 'straggler':
      return behaviour.mean;
    case 'crash':
    case 'withholdKey':
      return behaviour.p;
    case 'labelFlip':
    case 'freeRide':
    case 'copycat':
    case 'badBytes':
      return 1;
  }
}
