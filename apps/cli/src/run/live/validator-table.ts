import { count, tokens } from '../text/figures.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { type Column, layOut } from '../text/columns.ts';
import { line, type Line, type Tone } from '../text/line.ts';
import { behaviourCell } from './trainer-table.ts';
import type { ValidatorRow, ValidatorState } from './validators.ts';

const stateTones: Partial<Record<ValidatorState, Tone>> = {
  scoring: 'busy',
  merging: 'busy',
  down: 'bad',
  inactive: 'notice',
  awaited: 'notice',
  idle: 'faint',
  signed: 'good',
  scored: 'good',
  committed: 'good',
  revealed: 'good',
  merged: 'good',
};

const distance = (bp: number | null | undefined): Line =>
  line(bp === null || bp === undefined ? '' : bp.toFixed(1));

const columns: Column<ValidatorRow>[] = [
  { title: 'validator', cell: ({ member }) => line(member.name) },
  { title: 'behaviour', dispensable: 1, cell: ({ member }) => behaviourCell(member.behaviour) },
  { title: 'state', least: 9, cell: ({ state }) => line(state, stateTones[state]) },
  { title: 'off by bp', align: 'right', cell: ({ distance: of }) => distance(of?.lastBp) },
  {
    title: 'mean',
    align: 'right',
    least: 6,
    dispensable: 2,
    cell: ({ distance: of }) => distance(of?.meanBp),
  },
  {
    title: 'earned',
    align: 'right',
    least: 7,
    dispensable: 1,
    cell: ({ earnedWei }) => line(tokens(earnedWei, 2), earnedWei < 0n ? 'bad' : undefined),
  },
];

/** The Validators in at most so many lines; those that agree least come first where not all can be shown. */
export function validatorTable(
  rows: readonly ValidatorRow[],
  { width, height, glyphs }: { width: number; height: number; glyphs: Glyphs },
): Line[] {
  if (height < 2 || rows.length === 0) return [];
  const fits = rows.length <= height - 1;
  const shown = fits ? rows : [...rows].sort(byInterest).slice(0, height - 2);
  const { head, body } = layOut(columns, shown, { width, ellipsis: glyphs.ellipsis });
  const hidden = rows.length - shown.length;
  const rest = line(`and ${count(hidden)} more`, 'faint');
  return fits ? [head, ...body] : [head, ...body, rest];
}

function byInterest(a: ValidatorRow, b: ValidatorRow): number {
  const hostile = ({ member }: ValidatorRow) => (member.behaviour === 'honest' ? 1 : 0);
  return hostile(a) - hostile(b) || (b.distance?.meanBp ?? 0) - (a.distance?.meanBp ?? 0);
}
