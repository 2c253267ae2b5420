import { type ActorId, find, openRound, type Phase } from '#libs/protocol';
import type { CastMember, RunInProgress } from '#libs/simulation';
import { type Distance, distancesOf } from '../agreement.ts';

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
