import { duties } from './duties.ts';
import type { Addressee, PhaseName } from './effects.ts';
import { signatureKey } from './signatures.ts';
import { deadline, type RunState } from './state.ts';
import { find } from './table.ts';

/** Whom a run is waiting for, and until when. */
export interface Waiting extends PhaseName {
  /** null at the end of a run, when nobody is waited for. */
  readonly dueMs: number | null;
  /** Actors whose turn it is, each once. */
  readonly actors: readonly Addressee[];
  /** While gathering: members still missing. */
  readonly places: { readonly trainers: number; readonly validators: number };
}

/** The phase, its deadline and the actors still missing; defined for every state. */
export function whoIsWaitedFor(state: RunState): Waiting {
  const { config, stage, roll } = state;
  const gathering = stage.kind === 'gathering';
  return {
    ...nameOf(state),
    dueMs: deadline(state),
    actors: [...new Set(missingActors(state))],
    places: {
      trainers: gathering ? Math.max(0, config.minTrainers - roll.trainers) : 0,
      validators: gathering ? Math.max(0, config.minValidators - roll.validators) : 0,
    },
  };
}

function missingActors(state: RunState): Addressee[] {
  const { stage } = state;
  if (stage.kind === 'created' || stage.kind === 'paused') return ['sponsor'];
  if (stage.kind === 'gathering') return duties(state).map(({ to }) => to);
  if (stage.kind !== 'round') return [];
  const { phase, committee } = stage.round;
  // Who may start again once the phase is over is at work, but nobody waits for it.
  const due = duties(state).filter(({ kind }) => phase.kind === 'training' || kind !== 'startTraining');
  if (due.length === 0 && phase.kind === 'lineup') {
    // A lineup that this follower would not sign: the others may.
    return committee
      .map(({ id }) => id)
      .filter((id) => find(phase.signatures, signatureKey(phase.attempt, id)) === undefined);
  }
  return due.map(({ to }) => to);
}

/** The name of the phase or, between rounds, of the stage. */
export function nameOf({ stage }: RunState): PhaseName {
  if (stage.kind !== 'round') return { round: null, phase: stage.kind, attempt: 0 };
  const { number, phase } = stage.round;
  return { round: number, phase: phase.kind, attempt: phase.attempt };
}
