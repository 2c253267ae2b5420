import type { RunPlan } from '#libs/experiment';
import type { RoundRecord, RunResult } from '#libs/simulation';
import type { RunOutcome } from '../report.ts';
import { count, duration, loss, percent } from '../text/figures.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { line, type Line, pad, span } from '../text/line.ts';
import { ownModelTable, trainerTable, validatorTable } from './actor-tables.ts';

/** What a run came to: who did what and what it got, how good the model is, how long it took, where it is all written. */
export function endingOf(
  { result, written, resume }: RunOutcome,
  plan: RunPlan | null,
  { width, glyphs }: { width: number; glyphs: Glyphs },
): Line[] {
  const sheet = { width, ellipsis: glyphs.ellipsis };
  const { actors, rounds } = result;
  const tables =
    plan === null || plan.coordination === 'flobc'
      ? [validatorTable(actors, rounds, sheet), trainerTable(actors, sheet)]
      : [ownModelTable(actors, rounds, sheet)];
  return [
    ...tables.filter((table) => table.length > 0).flatMap((table) => [...table, line('')]),
    endLine(result),
    ...qualityLine(rounds),
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

function qualityLine(rounds: readonly RoundRecord[]): Line[] {
  const last = rounds.findLast((round) => round.loss !== null);
  if (!last) return [labelled('accuracy', 'no model was released')];
  if (last.accuracy === null) {
    const best = rounds.reduce((a, b) => ((b.loss ?? Infinity) < (a.loss ?? Infinity) ? b : a));
    return [
      labelled('loss', `${loss(last.loss!)}, best ${loss(best.loss!)} in round ${count(best.round + 1)}`),
    ];
  }
  const best = rounds.reduce((a, b) => ((b.accuracy ?? -1) > (a.accuracy ?? -1) ? b : a));
  const parts = [
    percent(last.accuracy),
    `best ${percent(best.accuracy!)} in round ${count(best.round + 1)}`,
    `loss ${loss(last.loss!)}`,
  ];
  return [labelled('accuracy', parts.join(', '))];
}
