import { openRound, type Waiting } from '#libs/protocol';
import type { RoundRecord, RunInProgress } from '#libs/simulation';
import type { Names } from '../names.ts';
import { bar, chart } from '../text/drawing.ts';
import { count, duration, loss, percent } from '../text/figures.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { join, joinFitting, line, type Line, pad, span, widthOf } from '../text/line.ts';

/** A run at one moment, and what the machine's clock says of it. */
export interface Moment {
  readonly run: RunInProgress;
  readonly names: Names;
  /** null where there is no protocol. */
  readonly waiting: Waiting | null;
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

// Each of these is one part of the status. What is still too wide is cut when the screen is put together.

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
  return gap < 2 ? start : [...start, span(' '.repeat(gap)), span(times)];
}

/** Rounds are counted from 1 where people read of them. */
function roundText({ plan, state, rounds }: RunInProgress): string {
  const open = state === null ? rounds.length : openRound(state)?.number;
  const number = open ?? Math.max(0, rounds.length - 1);
  return `round ${count(Math.min(number + 1, plan.protocol.maxRounds))}`;
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
export function phaseLine(moment: Moment, { width }: Sheet): Line {
  const { run, waiting } = moment;
  if (waiting === null) return baselineLine(run);
  const turn = waiting.attempt > 0 ? `, turn ${waiting.attempt + 1}` : '';
  const start: Line = [...label('phase'), span(`${waiting.phase}${turn}`, 'busy')];
  const withDue = joinFitting([start, ...dueText(waiting.dueMs, run.nowMs)], between, width);
  const whom = whomText(waiting, moment.names, width - widthOf(withDue) - between.length);
  return whom === '' ? withDue : join([withDue, line(whom)], between);
}

/** Without a protocol nobody waits for anybody: there is only who merges. */
function baselineLine({ plan }: RunInProgress): Line {
  const says = {
    flobc: '',
    fedavg: 'a server takes the mean of all updates',
    pooled: 'one model on all data',
    alone: 'each Trainer by itself',
  };
  const { coordination } = plan;
  return [...label(coordination), span(says[coordination])];
}

function dueText(dueMs: number | null, nowMs: number): Line[] {
  if (dueMs === null) return [];
  const leftMs = dueMs - nowMs;
  if (leftMs < 0) return [line(`overdue by ${duration(-leftMs)}`, 'notice')];
  return [line(`${duration(leftMs)} left`)];
}

function whomText({ actors: missing, places }: Waiting, names: Names, room: number): string {
  const { trainers, validators } = places;
  if (trainers + validators > 0) return `waits for ${trainers} Trainers and ${validators} Validators to join`;
  if (missing.length === 0) return '';
  const members = missing.flatMap((who) =>
    who === 'sponsor' || who === 'anybody' ? [] : (names.memberOf(who) ?? []),
  );
  const positions = (role: string) =>
    members
      .filter((member) => member.role === role)
      .map(({ position }) => position)
      .sort((a, b) => a - b);
  const parts = [
    ...(missing.includes('sponsor') ? ['the Sponsor'] : []),
    ...(missing.includes('anybody') ? ['anybody'] : []),
  ];
  const [of, who] = [positions('trainer'), positions('validator')];
  const begin = 'waits for ';
  const each = Math.floor((room - begin.length) / (of.length > 0 && who.length > 0 ? 2 : 1));
  if (of.length > 0) parts.push(positionsText('trainer', of, each));
  if (who.length > 0) parts.push(positionsText('validator', who, each));
  return `${begin}${parts.join(' and ')}`;
}

/** Nobody reads a list that is longer. */
const longestList = 60;

/** "trainers 0, 3, 5 and 12 more", in about so many columns. */
function positionsText(role: string, positions: readonly number[], columns: number): string {
  const room = Math.min(columns, longestList);
  const name = positions.length === 1 ? role : `${role}s`;
  let shown = positions.length;
  const text = () => {
    const rest = positions.length - shown;
    return `${name} ${positions.slice(0, shown).join(', ')}${rest === 0 ? '' : ` and ${count(rest)} more`}`;
  };
  while (shown > 1 && text().length > room) shown--;
  return text();
}

/** How the model has become better: the last figure, the best, and a chart over all rounds. */
export function qualityLines({ run }: Moment, { width, glyphs }: Sheet, height: number): Line[] {
  const { rounds } = run;
  const isClassifying = rounds.length === 0 || rounds.some(({ accuracy }) => accuracy !== null);
  const title = label(isClassifying ? 'accuracy' : 'loss');
  if (rounds.every(({ loss }) => loss === null))
    return [[...title, span('no model is released yet', 'faint')]];
  const values = rounds.map(({ accuracy, loss }) => (isClassifying ? accuracy : loss));
  const facts = isClassifying ? accuracyFacts(rounds) : lossFacts(rounds);
  const beside = height === 1 ? [joinFitting(facts, between, width - widthOf(title))] : facts;
  const factsWidth = Math.max(...beside.map(widthOf));
  const room = width - widthOf(title) - factsWidth - between.length;
  const wide = Math.max(0, Math.min(room, widestChart));
  const each = Math.min(widestRound, Math.max(1, Math.floor(wide / run.plan.protocol.maxRounds)));
  const drawn = wide < 1 ? [] : chart(values, { width: wide, height, each }, glyphs);
  return Array.from({ length: height }, (_, i) => {
    const text = pad(beside[i] ?? [], factsWidth);
    const start = [...(i === 0 ? title : label('')), ...text];
    return join([start, line(drawn[i] ?? '', 'busy')], between);
  });
}

/** Columns of the chart, and columns of one round in it where there are few. */
const [widestChart, widestRound] = [120, 4];

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

/** Virtual time, and what the last round's real time went into, the most first. */
export function timeLine({ run, startedMs }: Moment, { width }: Sheet): Line {
  const start: Line = [...label('virtual'), span(duration(Math.max(0, run.nowMs - startedMs)))];
  const last = run.rounds.at(-1);
  if (!last) return start;
  const room = width - widthOf(start) - between.length;
  const wall = `round ${duration(1000 * last.real.wall)}: `;
  const shares = sharesOf(last).map(([name, share]) => line(`${name} ${percent(share, 0)}`));
  const split = joinFitting(shares, ', ', room - wall.length);
  return join([start, [span(wall), ...split]], between);
}

/** Threads work side by side, so that these are shares of the work, not of the time on the clock. */
function sharesOf({ real }: RoundRecord): (readonly [string, number])[] {
  const { training, scoring, chain, merging, testing } = real;
  const parts = Object.entries({ training, scoring, chain, merging, testing });
  const sum = parts.reduce((total, [, seconds]) => total + seconds, 0);
  return parts
    .filter(([, seconds]) => seconds > 0)
    .map(([name, seconds]) => [name, seconds / sum] as const)
    .sort(([, a], [, b]) => b - a);
}
