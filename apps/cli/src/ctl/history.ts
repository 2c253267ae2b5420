import type { Block, Ledger, LedgerEvent } from '#libs/ports';
import type { ActorId, Digest } from '#libs/protocol';

/** A round, as the ledger tells of it. Amounts in wei, instants in Unix seconds. */
export interface RoundRow {
  readonly round: number;
  readonly outcome: 'open' | 'released' | 'settled' | 'void';
  readonly openedAt: number;
  /** null: it is open. */
  readonly endedAt: number | null;
  /** Updates in its lineup. */
  readonly updates: number;
  readonly accepted: number;
  readonly refused: number;
  /** Of the model that it released. */
  readonly version: number | null;
  readonly model: Digest | null;
  readonly rewardsWei: bigint;
  /** The phase in which it was given up. */
  readonly voidIn: string | null;
}

export interface History {
  readonly rounds: readonly RoundRow[];
  /** Everybody who has ever joined, in the order in which they came. */
  readonly members: readonly ActorId[];
  readonly end: 'finished' | 'halted' | null;
}

/** An event with the block that it came in. */
export interface Dated {
  readonly event: LedgerEvent;
  readonly block: Block;
}

/** Everything that the ledger has about a run, up to its newest block. */
export async function readHistory(ledger: Ledger, run: bigint): Promise<History> {
  const head = await ledger.head();
  let all: Dated[] = [];
  for await (const { kind, block, events } of ledger.watch({})) {
    if (kind === 'removed') all = all.filter((dated) => dated.block.hash !== block.hash);
    else all.push(...events.filter((event) => event.run === run).map((event) => ({ event, block })));
    if (block.number >= head.number) break;
  }
  return historyOf(all);
}

export function historyOf(all: readonly Dated[]): History {
  const rounds = new Map<number, RoundRow>();
  const members = new Set<ActorId>();
  let end: History['end'] = null;
  let version = 0;
  const change = (round: number, what: Partial<RoundRow>): void => {
    const known = rounds.get(round);
    if (known !== undefined) rounds.set(round, { ...known, ...what });
  };
  for (const { event, block } of all) {
    const endedAt = block.timeSeconds;
    if (event.kind === 'memberJoined') members.add(event.account);
    if (event.kind === 'runFinished') end = 'finished';
    if (event.kind === 'runHalted') end = 'halted';
    if (event.kind === 'roundOpened') rounds.set(event.round, opened(event.round, block));
    if (event.kind === 'lineupAccepted') change(event.round, { updates: event.trainers.length });
    if (event.kind === 'roundVoided') change(event.round, { outcome: 'void', endedAt, voidIn: event.phase });
    if (event.kind === 'roundSettled') {
      if (event.modelDigest !== null) version++;
      change(event.round, { ...settled(event, version), endedAt });
    }
  }
  return { rounds: [...rounds.values()], members: [...members], end };
}

const opened = (round: number, { timeSeconds }: Block): RoundRow => ({
  ...{ round, outcome: 'open', openedAt: timeSeconds, endedAt: null },
  ...{ updates: 0, accepted: 0, refused: 0, version: null, model: null, rewardsWei: 0n, voidIn: null },
});

function settled(
  { verdicts, seats, settlerWei, modelDigest }: LedgerEvent & { readonly kind: 'roundSettled' },
  version: number,
): Partial<RoundRow> {
  const accepted = verdicts.filter((verdict) => verdict.accepted).length;
  const rewards = [...verdicts, ...seats].map(({ rewardWei }) => rewardWei);
  return {
    ...{ accepted, refused: verdicts.length - accepted, updates: verdicts.length },
    outcome: modelDigest === null ? 'settled' : 'released',
    model: modelDigest,
    version: modelDigest === null ? null : version,
    rewardsWei: rewards.reduce((sum, wei) => sum + wei, settlerWei),
  };
}
