import { type ActorId, find, openRound, type Phase } from '#libs/protocol';
import type { CastMember, RoundRecord, RunInProgress } from '#libs/simulation';

/** A Validator as one line of the view tells of it. */
export interface ValidatorRow {
  readonly member: CastMember;
  readonly state: ValidatorState;
  readonly distance: Distance | null;
  readonly earnedWei: bigint;
}

export type ValidatorState =
  | 'scoring'
  | 'merging'
  | 'down'
  | 'inactive'
  | 'awaited'
  | 'signed'
  | 'scored'
  | 'committed'
  | 'revealed'
  | 'merged'
  | 'idle';

/** How far a Validator's scores are from the tallies on average, in basis points. */
export interface Distance {
  /** In the newest round that had ballots; null: it was not among them. */
  readonly lastBp: number | null;
  /** Over all its ballots. */
  readonly meanBp: number;
}

export function validatorRows(run: RunInProgress, awaited: ReadonlySet<string>): ValidatorRow[] {
  const distances = distancesOf(run.rounds);
  return run.cast
    .filter(({ role }) => role === 'validator')
    .map((member) => ({
      member,
      state: stateOf(run, member, awaited.has(member.id)),
      distance: distances.get(member.id) ?? null,
      earnedWei: run.earnedWei(member.id),
    }));
}

function stateOf(run: RunInProgress, { id }: CastMember, isAwaited: boolean): ValidatorState {
  const activity = run.activityOf(id);
  if (activity === 'down' || activity === 'scoring' || activity === 'merging') return activity;
  const { state } = run;
  if (state === null) return 'idle';
  if (find(state.validators, id)?.active === false) return 'inactive';
  const phase = openRound(state)?.phase;
  const done = phase && doneIn(phase, id, isAwaited);
  return done ?? (isAwaited ? 'awaited' : 'idle');
}

/** The last thing that it has done in a phase. */
function doneIn(phase: Phase, id: ActorId, isAwaited: boolean): ValidatorState | undefined {
  switch (phase.kind) {
    case 'training':
      return undefined;
    case 'lineup':
      return !isAwaited && find(phase.proposals, String(phase.attempt)) !== undefined ? 'signed' : undefined;
    case 'opening':
    case 'commit':
      if (find(phase.commitments, id) !== undefined) return 'committed';
      return find(phase.scored, id) === true ? 'scored' : undefined;
    case 'reveal':
      return find(phase.ballots, id) === undefined ? undefined : 'revealed';
    case 'settlement':
      if (find(phase.signatures, id) !== undefined) return 'signed';
      return find(phase.merged, id) === undefined ? undefined : 'merged';
  }
}

export function distancesOf(rounds: readonly RoundRecord[]): Map<ActorId, Distance> {
  const sums = new Map<ActorId, { sumBp: number; ballots: number }>();
  for (const { agreement } of rounds)
    for (const { validator, distanceBp } of agreement) {
      const { sumBp, ballots } = sums.get(validator) ?? { sumBp: 0, ballots: 0 };
      sums.set(validator, { sumBp: sumBp + distanceBp, ballots: ballots + 1 });
    }
  const newest = rounds.findLast(({ agreement }) => agreement.length > 0)?.agreement ?? [];
  const last = new Map(newest.map(({ validator, distanceBp }) => [validator, distanceBp]));
  return new Map(
    [...sums].map(([id, { sumBp, ballots }]) => [
      id,
      { lastBp: last.get(id) ?? null, meanBp: sumBp / ballots },
    ]),
  );
}
