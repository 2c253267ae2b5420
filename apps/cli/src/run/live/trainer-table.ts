import { bar } from '../text/drawing.ts';
import { count, percent, signed, tokens, trust } from '../text/figures.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { type Column, layOut } from '../text/columns.ts';
import { joinFitting, line, type Line, pad, span, type Tone, widthOf } from '../text/line.ts';
import { byInterest, countStates, type LastVerdict, type TrainerRow, type TrainerState } from './trainers.ts';

const stateTones: Partial<Record<TrainerState, Tone>> = {
  training: 'busy',
  sent: 'good',
  down: 'bad',
  jailed: 'bad',
  inactive: 'notice',
  idle: 'faint',
  'not yet': 'faint',
};

const barWidth = 8;

function columnsOf(glyphs: Glyphs, isVoting: boolean, rows: readonly TrainerRow[]): Column<TrainerRow>[] {
  const scale = scaleOf(rows);
  const always: Column<TrainerRow>[] = [
    { title: 'trainer', cell: ({ member }) => line(member.name) },
    { title: 'behaviour', dispensable: 1, cell: ({ member }) => behaviourCell(member.behaviour) },
    { title: 'state', least: 8, cell: ({ state }) => line(state, stateTones[state]) },
  ];
  if (!isVoting) return [...always, { title: 'own model', align: 'right', cell: accuracyCell }];
  return [
    ...always,
    {
      title: 'base',
      align: 'right',
      dispensable: 3,
      cell: ({ base }) => line(base === null ? '' : `v${base}`),
    },
    { title: 'verdict', least: 8, cell: ({ verdict }) => verdictCell(verdict) },
    { title: 'tally', align: 'right', least: 6, dispensable: 2, cell: ({ verdict }) => tallyCell(verdict) },
    {
      title: 'trust',
      align: 'right',
      least: 5,
      cell: (row) => line(row.trust === null ? '' : trust(row.trust)),
    },
    {
      title: '',
      dispensable: 4,
      cell: (row) =>
        line(row.trust === null ? ' '.repeat(barWidth) : bar(row.trust / scale, barWidth, glyphs), 'faint'),
    },
    {
      title: 'earned',
      align: 'right',
      least: 7,
      dispensable: 1,
      cell: ({ earnedWei }) => line(tokens(earnedWei, 2), earnedWei < 0n ? 'bad' : undefined),
    },
  ];
}

/** What a full bar is, in billionths: 1, or the highest trust under a policy whose trusts are shares of 1. */
function scaleOf(rows: readonly TrainerRow[]): number {
  const highest = Math.max(0, ...rows.map(({ trust }) => trust ?? 0));
  return highest > 0.25e9 || highest === 0 ? 1e9 : highest;
}

export const behaviourCell = (behaviour: string): Line =>
  line(behaviour === 'honest' ? '' : behaviour, 'notice');

function verdictCell(verdict: LastVerdict | null): Line {
  if (verdict === null) return line('');
  const { accepted, isNew } = verdict;
  return line(accepted ? 'accepted' : 'refused', isNew ? (accepted ? 'good' : 'bad') : 'faint');
}

const accuracyCell = ({ accuracy }: TrainerRow): Line => line(accuracy === null ? '' : percent(accuracy));

/** In basis points. */
function tallyCell(verdict: LastVerdict | null): Line {
  if (verdict === null) return line('');
  const { tally, isNew } = verdict;
  return line(tally === null ? 'none' : signed(tally), isNew ? undefined : 'faint');
}

const gutter = '   ';
/** Two tables side by side are each at least so wide: name, state, verdict and trust. */
const narrowest = 62;

/**
 * The Trainers in at most so many lines. Where they do not fit below each other, they are put side by side if the screen is
 * wide enough; where that is not enough, those to look at come first, and a line tells of the others.
 */
export function trainerTable(
  rows: readonly TrainerRow[],
  { width, height, glyphs, isVoting }: { width: number; height: number; glyphs: Glyphs; isVoting: boolean },
): Line[] {
  const perPanel = height - 1;
  if (perPanel < 1 || rows.length === 0) return [];
  const mostPanels = Math.max(1, Math.floor((width + gutter.length) / (narrowest + gutter.length)));
  const panels = Math.min(mostPanels, Math.ceil(rows.length / perPanel));
  const fitting = panels * perPanel;
  const isWhole = fitting >= rows.length;
  const ordered = isWhole ? rows : [...rows].sort(byInterest);
  const shown = isWhole ? ordered : ordered.slice(0, fitting - panels);
  const rest = isWhole ? [] : [restOf(ordered.slice(shown.length), width)];
  if (shown.length === 0) return rest;
  const tall = isWhole ? perPanel : perPanel - 1;
  const sideBySide = besides(panelsOf(shown, tall), columnsOf(glyphs, isVoting, rows), {
    width,
    panels,
    glyphs,
  });
  return [...sideBySide, ...rest];
}

function panelsOf<T>(rows: readonly T[], height: number): (readonly T[])[] {
  return Array.from({ length: Math.ceil(rows.length / height) }, (_, i) =>
    rows.slice(i * height, (i + 1) * height),
  );
}

function besides<Row>(
  parts: readonly (readonly Row[])[],
  columns: readonly Column<Row>[],
  { width, panels, glyphs }: { width: number; panels: number; glyphs: Glyphs },
): Line[] {
  const room = Math.floor((width - gutter.length * (panels - 1)) / panels);
  const tables = parts.map((rows) => layOut(columns, rows, { width: room, ellipsis: glyphs.ellipsis }));
  const lines = tables.map(({ head, body }) => [head, ...body]);
  return lines[0]!.map((_, i) =>
    lines.flatMap((of, panel) => {
      const cell = of[i] ?? [];
      const isLast = panel === lines.length - 1;
      return isLast ? cell : [...pad(cell, Math.max(...of.map(widthOf))), span(gutter)];
    }),
  );
}

/** Those whom there is no room for, in one line. */
function restOf(rows: readonly TrainerRow[], width: number): Line {
  const states = countStates(rows).map(([state, n]) => `${count(n)} ${state}`);
  const trusts = rows.flatMap((row) => (row.trust === null ? [] : [row.trust]));
  const refused = rows.filter(({ verdict }) => verdict?.isNew === true && !verdict.accepted).length;
  const parts = [
    `and ${count(rows.length)} more: ${states.join(', ')}`,
    ...(trusts.length === 0 ? [] : [`trust ${trust(Math.min(...trusts))} to ${trust(Math.max(...trusts))}`]),
    ...(refused === 0 ? [] : [`${count(refused)} refused`]),
  ];
  return joinFitting(
    parts.map((part) => line(part, 'faint')),
    '; ',
    width,
  );
}
