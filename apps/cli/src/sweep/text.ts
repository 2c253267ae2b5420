import { type Sweep, type Trial, trialName, trialTitle } from '#libs/experiment';
import { count, duration, percent } from '../run/text/figures.ts';
import type { CrewMember, Ended, Planned } from './report.ts';

/** What a sweep is, before it starts: trials and time. */
export function planText({ sweep, out, left, jobs, redis, seconds }: Planned): string {
  const { cells, seeds, trials } = sweep;
  const done = new Set(trials.map(({ id }) => id)).size - left.length;
  const where =
    redis === null
      ? `on this machine, ${jobs} at a time`
      : `of machines like this one, ${jobs} at a time by the workers at ${redis}`;
  const axes = sweep.axes.map(
    ({ name, choices }) => `  ${name}: ${choices.map(({ label }) => label).join(', ')}\n`,
  );
  return [
    `${sweep.name}${sweep.question === null ? '' : `: ${sweep.question}`}\n`,
    ...axes,
    `${count(cells.length)} combinations x ${count(seeds.length)} seeds = ${count(trials.length)} trials`,
    done === 0 ? '' : `, ${count(done)} of them there already`,
    left.length === 0 ? '\n' : `; about ${duration(1000 * seconds)} ${where}\n`,
    `results in ${out}\n`,
  ].join('');
}

/** Who works for a sweep. */
export function crewText(members: readonly CrewMember[]): string {
  const named = members.map(({ name, parallel }) =>
    parallel === 1 ? name : `${name} (${parallel} at a time)`,
  );
  const noun = named.length === 1 ? 'worker' : 'workers';
  return named.length === 0 ? 'no worker' : `${count(named.length)} ${noun}: ${named.join(', ')}`;
}

/** A line a trial: what --dry-run shows. */
export function trialsText({ sweep, left, secondsOf }: Planned): string {
  const open = new Set(left.map(({ id }) => id));
  const seen = new Set<string>();
  const stateOf = ({ id }: Trial): string => {
    if (seen.has(id)) return 'the same as one above';
    seen.add(id);
    return open.has(id) ? `about ${duration(1000 * (secondsOf.get(id) ?? 0))} of one core` : 'there already';
  };
  return sweep.trials
    .map((trial) => `${trialName(trial.id)}  ${trialTitle(sweep, trial)}  ${stateOf(trial)}\n`)
    .join('');
}

export function endText({ out, judgements, titleOf, isStopped, seconds }: Ended): string {
  const failed = judgements.filter(({ holds }) => !holds);
  const lines = failed.map(({ text, cell, left, right, missing }) => {
    const values = `${String(left ?? 'nothing')} against ${String(right ?? 'nothing')}`;
    return `  ${titleOf(cell)}: ${text}: ${missing > 0 ? `missing seeds: ${missing}; ` : ''}${values}\n`;
  });
  const expected =
    judgements.length === 0 || isStopped
      ? ''
      : failed.length === 0
        ? `as expected: all ${judgements.length} hold\n`
        : `not as expected, ${failed.length} of ${judgements.length}:\n${lines.join('')}`;
  return [
    isStopped
      ? `stopped after ${duration(1000 * seconds)}; the same command goes on\n`
      : `ended after ${duration(1000 * seconds)}\n`,
    expected,
    `results in ${out}; flobc report ${out}\n`,
  ].join('');
}

/** `ratio 5:5, seed 3  round 12/30  91.20 %` */
export function trialLine(sweep: Sweep, trial: Trial, round: number | null, accuracy: number | null): string {
  const rounds = trial.loaded.plan.protocol.maxRounds;
  const at = round === null ? 'starting' : `round ${round + 1}/${rounds}`;
  return `${trialTitle(sweep, trial)}  ${at}${accuracy === null ? '' : `  ${percent(accuracy)}`}`;
}
