import { type Addressee, openRound, type Waiting } from '#libs/protocol';
import type { RoundRecord, RunInProgress } from '#libs/simulation';
import type { Names } from '../names.ts';
import { bar, chart } from '../text/drawing.ts';
import { count, duration, loss, percent } from '../text/figures.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { cut, join, joinFitting, line, type Line, pad, span, widthOf } from '../text/line.ts';

/** A run at one moment, and what the machine's clock says of it. */
export interface Moment {
  readonly run: RunInProgress;
  readonly names: Names;
  readonly waiting: Waiting;
  /** Of the machine, since the run was started. */
  readonly elapsedMs: number;
  /** The virtual instant at which it was started. */
  readonly startedMs: number;
}

export interface Sheet {
  readonly width: number;
  readonly glyphs: Glyphs;
}

const between = '   ';
const label = (text: string): Line => pad(line(text, 'faint'), 10);

/** Which run, how far it is, and how long it will take. */
export function headline({ run, elapsedMs }: Moment, { width, glyphs }: Sheet): Line {
  const { plan, rounds } = run;
  const { maxRounds } = plan.protocol;
  const left = leftMs(rounds, maxRounds);
  const name: Line = [span(plan.name, 'title'), span(`  ${roundText(run)} of ${count(maxRounds)}`)];
  const times = [
    `${duration(elapsedMs)} elapsed`,
    ...(left === null ? [] : [`about ${duration(left)} left`]),
  ].join(', ');
  const room = width - widthOf(name) - times.length - 4;
  const progress = room < 8 ? '' : `  ${bar(rounds.length / maxRounds, Math.min(room, 40), glyphs)}`;
  const start = [...name, span(progress, 'busy')];
  const gap = width - widthOf(start) - times.length;
  return gap < 2 ? cut(start, width, glyphs.ellipsis) : [...start, span(' '.repeat(gap)), span(times)];
}

/** Rounds are counted from 1 where people read of them. */
function roundText({ state, rounds }: RunInProgress): string {
  const open = openRound(state)?.number;
  return `round ${count((open ?? Math.max(0, rounds.length - 1)) + 1)}`;
}

/** Rounds that are newer than this say how long the next ones take. */
const recent = 5;

function leftMs(rounds: readonly RoundRecord[], maxRounds: number): number | null {
  if (rounds.length === 0) return null;
  const last = rounds.slice(-recent);
  const mean = last.reduce((sum, { real }) => sum + real.wall, 0) / last.length;
  return 1000 * mean * Math.max(0, maxRounds - rounds.length);
}

/** The phase, until when it lasts at most, and who is still missing. */
export function phaseLine(moment: Moment, { width, glyphs }: Sheet): Line {
  const { run, waiting } = moment;
  const isVoting = run.plan.coordination === 'flobc';
  const missing = isVoting ? waiting.actors : busyTrainers(run);
  const phase = isVoting ? waiting.phase : missing.length > 0 ? 'training' : 'merge';
  const attempt = waiting.attempt > 0 ? ` (turn ${waiting.attempt + 1})` : '';
  const start = [...label('phase'), span(phase, 'busy'), span(isVoting ? attempt : '')];
  const due = isVoting && waiting.dueMs !== null ? dueText(waiting.dueMs - run.nowMs) : [];
  const withDue = joinFitting([start, ...due], between, width);
  const room = width - widthOf(withDue) - between.length;
  const whom = whomText(moment, missing, room);
  return cut(whom === '' ? withDue : join([withDue, line(whom)], between), width, glyphs.ellipsis);
}

/** Without a protocol there is nobody to wait for but those who train. */
function busyTrainers(run: RunInProgress): Addressee[] {
  return run.cast.filter(({ id }) => run.activityOf(id) === 'training').map(({ id }) => id);
}

function dueText(leftMs: number): Line[] {
  if (leftMs < 0) return [line(`overdue by ${duration(-leftMs)}`, 'notice')];
  return [line(`at most ${duration(leftMs)} more`)];
}

function whomText({ names, waiting, run }: Moment, missing: readonly Addressee[], room: number): string {
  const { trainers, validators } = waiting.places;
  if (run.plan.coordination === 'flobc' && trainers + validators > 0)
    return `waits for ${trainers} Trainers and ${validators} Validators to join`;
  if (missing.length === 0) return '';
  const positions = (role: string) =>
    missing.flatMap((who) => {
      const member = who === 'sponsor' || who === 'anybody' ? undefined : names.memberOf(who);
      return member?.role === role ? [member.position] : [];
    });
  const parts = [
    ...(missing.includes('sponsor') ? ['the Sponsor'] : []),
    ...(missing.includes('anybody') ? ['anybody'] : []),
  ];
  const [of, who] = [positions('trainer'), positions('validator')];
  if (of.length > 0) parts.push(positionsText('trainer', of, room - 24));
  if (who.length > 0) parts.push(positionsText('validator', who, room - 24));
  return `waits for ${parts.join(' and ')}`;
}

/** "trainers 0, 3, 5 and 12 more", in about so many columns. */
function positionsText(role: string, positions: readonly number[], room: number): string {
  const name = positions.length === 1 ? role : `${role}s`;
  let shown = positions.length;
  const text = () => {
    const rest = positions.length - shown;
    return `${name} ${positions.slice(0, shown).join(', ')}${rest === 0 ? '' : ` and ${count(rest)} more`}`;
  };
  while (shown > 1 && text().length > room) shown--;
  return text();
}

/** How the model has become better: a chart over all rounds, the last figure and the best. */
export function qualityLines({ run }: Moment, { width, glyphs }: Sheet, height: number): Line[] {
  const { rounds } = run;
  const isClassifying = rounds.some(({ accuracy }) => accuracy !== null);
  const title = label(isClassifying || rounds.length === 0 ? 'accuracy' : 'loss');
  if (rounds.every(({ loss }) => loss === null))
    return [[...title, span('no model is released yet', 'faint')]];
  const values = rounds.map(({ accuracy, loss }) => (isClassifying ? accuracy : loss));
  const facts = isClassifying ? accuracyFacts(rounds) : lossFacts(rounds);
  const room = width - widthOf(title) - between.length - Math.max(...facts.map(widthOf));
  const drawn = chart(values, { width: Math.max(1, Math.min(room, 100)), height }, glyphs);
  const wide = Math.max(...drawn.map((row) => [...row].length));
  const beside = height === 1 ? [joinFitting(facts, between, width - widthOf(title) - wide - 3)] : facts;
  return drawn.map((row, i) =>
    cut(
      join([[...(i === 0 ? title : label('')), ...pad(line(row, 'busy'), wide)], beside[i] ?? []], between),
      width,
      glyphs.ellipsis,
    ),
  );
}

function accuracyFacts(rounds: readonly RoundRecord[]): Line[] {
  const last = rounds.findLast(({ accuracy }) => accuracy !== null)!;
  const best = rounds.reduce((a, b) => ((b.accuracy ?? -1) > (a.accuracy ?? -1) ? b : a));
  return [
    [span(percent(last.accuracy!), 'title')],
    line(`best ${percent(best.accuracy!)} in round ${count(best.round + 1)}`),
    line(`loss ${loss(last.loss!)}`),
  ];
}

function lossFacts(rounds: readonly RoundRecord[]): Line[] {
  const last = rounds.findLast(({ loss }) => loss !== null)!;
  const best = rounds.reduce((a, b) => ((b.loss ?? Infinity) < (a.loss ?? Infinity) ? b : a));
  return [
    [span(loss(last.loss!), 'title')],
    line(`best ${loss(best.loss!)} in round ${count(best.round + 1)}`),
  ];
}

/** Virtual time, and what the last round's real time went into. */
export function timeLine({ run, startedMs }: Moment, { width, glyphs }: Sheet): Line {
  const virtual = `virtual ${duration(Math.max(0, run.nowMs - startedMs))}`;
  const start = [...label('time'), span(virtual)];
  const last = run.rounds.at(-1);
  if (!last) return cut(start, width, glyphs.ellipsis);
  return joinFitting(
    [start, line(`last round ${duration(1000 * last.real.wall)}: ${splitText(last)}`)],
    between,
    width,
  );
}

/** Threads work side by side, so that the parts are shares of the work, not of the time on the clock. */
function splitText({ real }: RoundRecord): string {
  const { training, scoring, chain, merging, testing } = real;
  const parts = Object.entries({ training, scoring, chain, merging, testing });
  const sum = parts.reduce((total, [, seconds]) => total + seconds, 0);
  if (sum === 0) return 'no work';
  return parts
    .filter(([, seconds]) => seconds > 0)
    .map(([name, seconds]) => `${name} ${percent(seconds / sum, 0)}`)
    .join(', ');
}
