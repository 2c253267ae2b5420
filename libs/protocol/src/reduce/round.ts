import type { RunConfig } from '../config.ts';
import { addAttendance, attendanceOf, isHeldBack, type Pace, type Trainer } from '../members.ts';
import { schemeOf } from '../schemes/index.ts';
import type { Phase, Round, RunState } from '../state.ts';
import { find, type Table, valuesOf } from '../table.ts';

/** The state with a change to its open round; the same state between rounds. */
export function withRound(state: RunState, change: (round: Round) => Round): RunState {
  return state.stage.kind === 'round'
    ? { ...state, stage: { kind: 'round', round: change(state.stage.round) } }
    : state;
}

/** The state with a change to its phase, if it is in that phase. */
export function inPhase<Kind extends Phase['kind']>(
  state: RunState,
  kind: Kind,
  change: (phase: Extract<Phase, { kind: Kind }>) => Phase,
): RunState {
  return withRound(state, (round) =>
    round.phase.kind === kind
      ? { ...round, phase: change(round.phase as Extract<Phase, { kind: Kind }>) }
      : round,
  );
}

const isDrawn = ({ id, suspended }: Trainer, { sampled }: Pick<Round, 'sampled'>): boolean =>
  !suspended && (sampled === null || find(sampled, id) === true);

export const paceOf = ({ scheme }: RunConfig, { slowest }: Pick<Round, 'slowest'>): Pace => ({
  slowest,
  maxAhead: schemeOf(scheme).maxAhead,
});

type Opening = Omit<Round, 'attendance' | 'phase'>;

/** True if the round asks the Trainer to train; the same from its opening to its end. */
export function isAsked(config: RunConfig, trainer: Trainer, round: Opening): boolean {
  return isDrawn(trainer, round) && !isHeldBack(trainer, round.version, paceOf(config, round));
}

/** True if the round counts on the Trainer: it is asked, and has not been missing for long. */
export function isExpected(config: RunConfig, trainer: Trainer, round: Opening): boolean {
  return trainer.active && isAsked(config, trainer, round);
}

/** A round with its slowest progress and its attendance: the one look at every Trainer; a receipt then costs the same at any number. */
export function attend(
  config: RunConfig,
  trainers: Table<Trainer>,
  opening: Omit<Round, 'slowest' | 'attendance'>,
): Round {
  const members = valuesOf(trainers);
  const slowest = members
    .filter((trainer) => trainer.active && isDrawn(trainer, opening))
    .reduce((least, { progress }) => Math.min(least, progress), opening.version);
  const attendance = members
    .map((trainer) =>
      attendanceOf(
        trainer,
        isExpected(config, trainer, { ...opening, slowest }),
        opening.version,
        paceOf(config, { slowest }),
      ),
    )
    .reduce((sum, one) => addAttendance(sum, one), { expected: 0, present: 0, current: 0, ready: 0 });
  return { ...opening, slowest, attendance };
}

/** The round after one Trainer's receipts have changed. */
export function withTrainer(config: RunConfig, round: Round, before: Trainer, after: Trainer): Round {
  const expected = isExpected(config, before, round);
  const attendance = (trainer: Trainer) =>
    attendanceOf(trainer, expected, round.version, paceOf(config, round));
  const without = addAttendance(round.attendance, attendance(before), -1);
  return { ...round, attendance: addAttendance(without, attendance(after)) };
}
