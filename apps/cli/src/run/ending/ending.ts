import type { RoundRecord, RunResult } from '#libs/simulation';
import type { RunOutcome } from '../report.ts';
import { count, duration, loss, percent } from '../text/figures.ts';
import { chart } from '../text/drawing.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { line, type Line, pad, span, widthOf } from '../text/line.ts';
import { ownModelTable, trainerTable, validatorTable } from './actor-tables.ts';

/** What a run came to: who did what and what it got, how good the model is, how long it took, where it is all written. */
export function endingOf(
  { plan, result, written, resume }: RunOutcome,
  { width, glyphs }: { width: number; glyphs: Glyphs },
): Line[] {
  const sheet = { width, ellipsis: glyphs.ellipsis };
  const { actors, rounds } = result;
  const tables =
    plan.coordination === 'flobc'
      ? [validatorTable(actors, rounds, sheet), trainerTable(actors, sheet)]
      : [ownModelTable(actors, rounds, sheet)];
  return [
    ...tables.filter((table) => table.length > 0).flatMap((table) => [...table, line('')]),
    endLine(result),
    ...qualityLine(rounds, width, glyphs),
    labelled(
      'time',
      `${duration(result.virtualMs)} virtual, ${duration(1000 * result.realSeconds)} of this machine`,
    ),
    ...written.map((path, i) => labelled(i === 0 ? 'written' : '', path)),
    ...(resume === null ? [] : [labelled('go on with', resume)]),
  ];
}

const labelled = (label: string, text: string): Line => [...pad(line(label, 'faint'), 12), span(text)];

function endLine({ end, rounds }: RunResult): Line {
  const after = `after ${count(rounds.length)} round${rounds.length === 1 ? '' : 's'}`;
  const voids = rounds.filter(({ result }) => result === 'void').length;
  const tone = end === 'finished' ? 'good' : end === 'halted' ? 'bad' : 'notice';
  const rest = voids === 0 ? '' : `, ${count(voids)} of them void`;
  return [span(end, tone), span(` ${after}${rest}`)];
}

/** The last figure and the best, and where there is room the way there. */
function qualityLine(rounds: readonly RoundRecord[], width: number, glyphs: Glyphs): Line[] {
  const last = rounds.findLast((round) => round.loss !== null);
  if (!last) return [labelled('accuracy', 'no model was released')];
  const isClassifying = last.accuracy !== null;
  const said = isClassifying
    ? labelled('accuracy', accuracyText(rounds, last.accuracy, last.loss!))
    : labelled('loss', lossText(rounds, last.loss!));
  const values = rounds.map((round) => (isClassifying ? round.accuracy : round.loss));
  const room = Math.min(widestChart, width - widthOf(said) - 3);
  if (rounds.length < 2 || room < rounds.length / 2) return [said];
  const [drawn] = chart(values, { width: room, height: 1 }, glyphs);
  return [[...said, span('   '), span(drawn!, 'busy')]];
}

const widestChart = 40;

function accuracyText(rounds: readonly RoundRecord[], last: number, lastLoss: number): string {
  const best = rounds.reduce((a, b) => ((b.accuracy ?? -1) > (a.accuracy ?? -1) ? b : a));
  return `${percent(last)}, best ${percent(best.accuracy!)} in round ${count(best.round + 1)}, loss ${loss(lastLoss)}`;
}

function lossText(rounds: readonly RoundRecord[], last: number): string {
  const best = rounds.reduce((a, b) => ((b.loss ?? Infinity) < (a.loss ?? Infinity) ? b : a));
  return `${loss(last)}, best ${loss(best.loss!)} in round ${count(best.round + 1)}`;
}
