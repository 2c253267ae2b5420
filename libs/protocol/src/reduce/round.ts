import type { RunConfig } from '../config.ts';
import { addAttendance, attendanceOf, type Trainer } from '../members.ts';
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

/**
 * True if the Trainer has to wait for slower ones before it may start on the given base. The slowest never wait, or
 * nothing would ever move.
 */
export function isHeldBack(config: RunConfig, { progress }: Trainer, base: number, slowest: number): boolean {
  return progress > slowest && base - slowest > schemeOf(config.scheme).maxAhead;
}

type Opening = Omit<Round, 'attendance' | 'phase'>;

/** True if the round asks the Trainer to train; the same from its opening to its end. */
export function isAsked(config: RunConfig, trainer: Trainer, round: Opening): boolean {
  return isDrawn(trainer, round) && !isHeldBack(config, trainer, round.version, round.slowest);
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
      attendanceOf(trainer, isExpected(config, trainer, { ...opening, slowest }), opening.version),
    )
    .reduce((sum, one) => addAttendance(sum, one), { expected: 0, present: 0, current: 0, ready: 0 });
  return { ...opening, slowest, attendance };
}

/** The round after one Trainer's receipts have changed. */
export function withTrainer(config: RunConfig, round: Round, before: Trainer, after: Trainer): Round {
  const expected = isExpected(config, before, round);
  const without = addAttendance(round.attendance, attendanceOf(before, expected, round.version), -1);
  return { ...round, attendance: addAttendance(without, attendanceOf(after, expected, round.version)) };
}
