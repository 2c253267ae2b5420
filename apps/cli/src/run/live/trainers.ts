import type { CastMember, RoundRecord, RunInProgress } from '#libs/simulation';
import { type ActorId, find, openRound, type Trainer, usable } from '#libs/protocol';

/** A Trainer as one line of the view tells of it. */
export interface TrainerRow {
  readonly member: CastMember;
  readonly state: TrainerState;
  /** Version that its newest update starts from; null: it has sent none lately. */
  readonly base: number | null;
  readonly verdict: LastVerdict | null;
  /** In billionths; null where nobody is trusted or it has not joined. */
  readonly trust: number | null;
  readonly earnedWei: bigint;
  /** Of its own model, where a baseline tests those too. */
  readonly accuracy: number | null;
}

export type TrainerState = 'training' | 'sent' | 'idle' | 'down' | 'jailed' | 'inactive' | 'not yet';

export interface LastVerdict {
  readonly accepted: boolean;
  readonly tally: number | null;
  readonly base: number;
  /** Of the newest round that had any. */
  readonly isNew: boolean;
}

export function trainerRows(run: RunInProgress): TrainerRow[] {
  const verdicts = lastVerdicts(run.rounds);
  const trusts = new Map(run.rounds.at(-1)?.trusts.map(({ trainer, trust }) => [trainer, trust]));
  const locals = new Map(run.rounds.at(-1)?.locals?.map(({ name, accuracy }) => [name, accuracy]));
  const inLineup = lineupBases(run);
  return run.cast
    .filter(({ role }) => role === 'trainer')
    .map((member) => {
      const trainer = run.state === null ? undefined : find(run.state.trainers, member.id);
      const verdict = verdicts.get(member.id) ?? null;
      const waiting = usable(trainer).at(-1)?.receipt.base;
      return {
        member,
        state: stateOf(run, member, trainer, inLineup),
        base: waiting ?? inLineup.get(member.id) ?? verdict?.base ?? null,
        verdict,
        trust: trainer?.trust ?? trusts.get(member.id) ?? null,
        earnedWei: run.earnedWei(member.id),
        accuracy: locals.get(member.name) ?? null,
      };
    });
}

function stateOf(
  run: RunInProgress,
  { id, position }: CastMember,
  trainer: Trainer | undefined,
  inLineup: ReadonlyMap<ActorId, number>,
): TrainerState {
  const activity = run.activityOf(id);
  if (activity === 'down' || activity === 'training') return activity;
  if (trainer === undefined) return isExpectedLater(run, position) ? 'not yet' : 'idle';
  if (trainer.suspended) return 'jailed';
  if (usable(trainer).length > 0 || inLineup.has(id)) return 'sent';
  return trainer.active ? 'idle' : 'inactive';
}

function isExpectedLater({ plan, state, rounds }: RunInProgress, position: number): boolean {
  return (plan.trainers[position]?.joinsAtRound ?? 0) >= Math.max(1, state?.rounds ?? rounds.length);
}

/** Bases of the updates that are being judged; their receipts are used up only when they have been. */
function lineupBases({ state }: RunInProgress): Map<ActorId, number> {
  const phase = state === null ? undefined : openRound(state)?.phase;
  const entries = phase !== undefined && 'lineup' in phase ? phase.lineup.entries : [];
  return new Map(entries.map(({ trainer, base }) => [trainer, base]));
}

/** Verdicts that are older are no news, and with thousands of rounds there is no time to look for them. */
const roundsBack = 20;

function lastVerdicts(rounds: readonly RoundRecord[]): Map<ActorId, LastVerdict> {
  const found = new Map<ActorId, LastVerdict>();
  const judged = rounds.slice(-roundsBack).filter(({ verdicts }) => verdicts.length > 0);
  for (const [i, { verdicts, version, result }] of judged.entries()) {
    // The version is the one after the round, and staleness was counted from the one before.
    const before = result === 'released' ? version - 1 : version;
    for (const { trainer, accepted, tally, staleness } of verdicts)
      found.set(trainer, { accepted, tally, base: before - staleness, isNew: i === judged.length - 1 });
  }
  return found;
}

/** Those to look at first: who is hostile, then who is trusted least. */
export function byInterest(a: TrainerRow, b: TrainerRow): number {
  const hostile = (row: TrainerRow) => (row.member.behaviour === 'honest' ? 1 : 0);
  const trust = ({ trust }: TrainerRow) => trust ?? Number.MAX_SAFE_INTEGER;
  return hostile(a) - hostile(b) || trust(a) - trust(b) || a.member.position - b.member.position;
}

/** How many are in which state, most first. */
export function countStates(rows: readonly TrainerRow[]): (readonly [TrainerState, number])[] {
  const counts = new Map<TrainerState, number>();
  for (const { state } of rows) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}
