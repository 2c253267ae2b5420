import { type Heard, lastHeard } from '#libs/nats';
import type { LedgerMember, LedgerRun } from '#libs/ports';
import type { ActorId } from '#libs/protocol';
import { readHistory } from './history.ts';
import type { Target } from './target.ts';

/** A run of the ledger, in a line. */
export interface RunRow extends Pick<
  LedgerRun,
  'sponsor' | 'phase' | 'round' | 'paused' | 'finishing' | 'voids' | 'release' | 'budgetWei'
> {
  readonly run: number;
  /** Unix seconds; null: nothing is due any more. */
  readonly deadline: number | null;
  /** Validators of the open round whose turn it is, by their names where they are known. */
  readonly waitingFor: readonly string[];
}

export async function runsOf({ ledger, names }: Target): Promise<RunRow[]> {
  const count = Number(await ledger.runs());
  const rows = Array.from({ length: count }, async (_, number) => {
    const known = (await ledger.run(BigInt(number)))!;
    const { sponsor, phase, round, deadline, paused, finishing, voids, release, budgetWei } = known;
    const waitingFor = missingIn(known).map((id) => names.get(id) ?? id);
    return {
      run: number,
      sponsor,
      phase,
      round,
      deadline: hasEnded(phase) ? null : deadline,
      paused,
      finishing,
      voids,
      release,
      budgetWei,
      waitingFor,
    };
  });
  return Promise.all(rows);
}

const hasEnded = (phase: LedgerRun['phase']): boolean => phase === 'finished' || phase === 'halted';

/** Who has not done yet what the phase is for, as far as the ledger can know: it sees no receipts. */
function missingIn({ phase, committee, committed, revealed }: LedgerRun): ActorId[] {
  const done = { commit: new Set(committed), reveal: new Set(revealed) } as const;
  if (phase === 'commit')
    return committee.filter((_, seat) => !done.commit.has(seat)).map(({ validator }) => validator);
  if (phase === 'reveal')
    return committee
      .filter((_, seat) => done.commit.has(seat) && !done.reveal.has(seat))
      .map(({ validator }) => validator);
  return [];
}

/** A member of a run: what the ledger has of it, and when it was heard of last. */
export interface NodeRow extends Omit<LedgerMember, 'at'> {
  readonly name: string | null;
  readonly lastHeard: Heard | null;
}

export async function nodesOf(target: Target): Promise<NodeRow[]> {
  const { ledger, run, names } = target;
  const [{ members }, state, link] = await Promise.all([
    readHistory(ledger, run),
    target.state(),
    target.link(),
  ]);
  const digest = state.config.configurationDigest;
  return Promise.all(
    members.map(async (account) => {
      const { at: _, ...member } = await ledger.member(run, account);
      const heard = link === null ? null : await lastHeard(link, digest, account);
      return { ...member, name: names.get(account) ?? null, lastHeard: heard };
    }),
  );
}
