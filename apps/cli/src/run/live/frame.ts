import { cut, line, type Line } from '../text/line.ts';
import { headline, type Moment, phaseLine, qualityLines, type Sheet, timeLine } from './status.ts';
import { trainerTable } from './trainer-table.ts';
import { trainerRows } from './trainers.ts';
import { validatorTable } from './validator-table.ts';
import { validatorRows } from './validators.ts';

export interface FrameSheet extends Sheet {
  readonly height: number;
}

/** Headline, phase, quality and time. */
const statusLines = 4;
/** A chart that is taller says no more. */
const tallestChart = 8;

/**
 * Everything about a run at one moment, on a screen of that size: the status on top, then the Validators, of whom there
 * are few, and the Trainers in all the room that is left. `note` stands on the last line.
 */
export function frameOf(moment: Moment, sheet: FrameSheet, note: Line): Line[] {
  const { run, waiting } = moment;
  const { width, height, glyphs } = sheet;
  const isVoting = waiting !== null;
  const trainers = trainerRows(run);
  const validators = waiting === null ? [] : validatorRows(run, new Set(waiting.actors));
  const room = height - statusLines - 1;
  const ofValidators = validators.length === 0 ? 0 : validatorRoom(validators.length, trainers.length, room);
  const ofTrainers = room - ofValidators - (ofValidators > 0 ? 2 : 1);
  const spare = Math.max(0, ofTrainers - trainers.length - 1);
  const chartHeight = glyphs.stacks ? Math.min(tallestChart, 1 + spare) : 1;

  const tables = [
    trainerTable(trainers, { width, height: Math.min(ofTrainers, trainers.length + 1), glyphs, isVoting }),
    validatorTable(validators, { width, height: ofValidators, glyphs }),
  ].filter((table) => table.length > 0);
  const lines = [
    headline(moment, sheet),
    phaseLine(moment, sheet),
    ...qualityLines(moment, sheet, chartHeight),
    timeLine(moment, sheet),
    ...tables.flatMap((table) => [line(''), ...table]),
  ].slice(0, Math.max(1, height - 1));
  const blank = Array.from({ length: Math.max(0, height - 1 - lines.length) }, () => line(''));
  return [...lines, ...blank, note].slice(0, height).map((of) => cut(of, width, glyphs.ellipsis));
}

/** Lines for the Validators: all of them where everybody fits, else a quarter; none where there is hardly any room. */
function validatorRoom(validators: number, trainers: number, room: number): number {
  const all = validators + 1;
  if (all + trainers + 3 <= room) return all;
  const share = Math.max(Math.floor(room / 4), 4);
  return room < 10 ? 0 : Math.min(all, share);
}
