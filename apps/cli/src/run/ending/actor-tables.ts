import type { ActorResult, RoundRecord } from '#libs/simulation';
import { distancesOf } from '../agreement.ts';
import { type Column, layOut } from '../text/columns.ts';
import { count, percent, tokens, trust } from '../text/figures.ts';
import { line, type Line, type Tone } from '../text/line.ts';

export interface TableSheet {
  readonly width: number;
  readonly ellipsis: string;
}

const amount = (wei: bigint): Line => line(tokens(wei), wei < 0n ? 'bad' : undefined);
const behaviour = (kind: string): Line => line(kind === 'honest' ? '' : kind, 'notice');
const counted = (value: number, tone?: Tone): Line => line(count(value), value > 0 ? tone : 'faint');

/** What a Trainer and a Validator have alike. */
const money: Column<ActorResult>[] = [
  { title: 'rewards', align: 'right', dispensable: 3, cell: ({ rewardsWei }) => amount(rewardsWei) },
  { title: 'penalties', align: 'right', dispensable: 2, cell: ({ penaltiesWei }) => amount(-penaltiesWei) },
  { title: 'profit', align: 'right', cell: ({ profitWei }) => amount(profitWei) },
  { title: 'idle', align: 'right', dispensable: 4, cell: ({ idle }) => line(percent(idle, 0), 'faint') },
];

const trainerColumns: Column<ActorResult>[] = [
  { title: 'trainer', cell: ({ name }) => line(name) },
  { title: 'behaviour', dispensable: 1, cell: (actor) => behaviour(actor.behaviour) },
  { title: 'accepted', align: 'right', cell: ({ accepted }) => counted(accepted) },
  { title: 'refused', align: 'right', cell: ({ refused }) => counted(refused, 'bad') },
  { title: 'trust', align: 'right', cell: (actor) => line(actor.trust === null ? '' : trust(actor.trust)) },
  ...money,
];

/** The Trainers, who is trusted least last: there, next to the prompt, the hostile ones should be. */
export function trainerTable(actors: readonly ActorResult[], sheet: TableSheet): Line[] {
  const trainers = actors
    .filter(({ role }) => role === 'trainer')
    .sort((a, b) => (b.trust ?? 0) - (a.trust ?? 0) || a.position - b.position);
  const isAnyJailed = trainers.some(isJailed);
  return tableOf(isAnyJailed ? [...trainerColumns, jail] : trainerColumns, trainers, sheet);
}

const isJailed = ({ jailedUntilRound }: ActorResult): boolean => jailedUntilRound > 0;

/** Whoever was ever in jail, and the round from which it may come back; rounds are counted from 1. */
const jail: Column<ActorResult> = {
  title: 'jailed to',
  align: 'right',
  dispensable: 5,
  cell: (actor) => line(isJailed(actor) ? `round ${count(actor.jailedUntilRound + 1)}` : '', 'bad'),
};

/** The Validators, who agrees least with the tallies last. */
export function validatorTable(
  actors: readonly ActorResult[],
  rounds: readonly RoundRecord[],
  sheet: TableSheet,
): Line[] {
  const distances = distancesOf(rounds);
  const meanBp = ({ id }: ActorResult) => distances.get(id)?.meanBp;
  const validators = actors
    .filter(({ role }) => role === 'validator')
    .sort((a, b) => (meanBp(a) ?? Infinity) - (meanBp(b) ?? Infinity) || a.position - b.position);
  const columns: Column<ActorResult>[] = [
    { title: 'validator', cell: ({ name }) => line(name) },
    { title: 'behaviour', dispensable: 1, cell: (actor) => behaviour(actor.behaviour) },
    { title: 'off by bp', align: 'right', cell: (actor) => line(meanBp(actor)?.toFixed(1) ?? '-') },
    ...money,
  ];
  return tableOf(columns, validators, sheet);
}

/** Of a baseline: nobody is judged or paid. What each has by itself is in its last own model. */
export function ownModelTable(
  actors: readonly ActorResult[],
  rounds: readonly RoundRecord[],
  sheet: TableSheet,
): Line[] {
  const locals = rounds.findLast(({ locals }) => locals !== undefined)?.locals ?? [];
  const accuracies = new Map(locals.map(({ name, accuracy }) => [name, accuracy]));
  const columns: Column<ActorResult>[] = [
    { title: 'trainer', cell: ({ name }) => line(name) },
    { title: 'behaviour', dispensable: 1, cell: (actor) => behaviour(actor.behaviour) },
    {
      title: 'own model',
      align: 'right',
      cell: ({ name }) => {
        const accuracy = accuracies.get(name);
        return line(accuracy === undefined || accuracy === null ? '-' : percent(accuracy));
      },
    },
  ];
  const trainers = actors.filter(({ role }) => role === 'trainer');
  return tableOf(columns, trainers, sheet);
}

/** Of longer tables the ends are shown, mostly the lower one; the run folder has all. */
const [mostAbove, mostBelow] = [10, 40];

function tableOf(
  columns: readonly Column<ActorResult>[],
  rows: readonly ActorResult[],
  sheet: TableSheet,
): Line[] {
  if (rows.length === 0) return [];
  const hidden = Math.max(0, rows.length - mostAbove - mostBelow);
  const shown = hidden === 0 ? rows : [...rows.slice(0, mostAbove), ...rows.slice(-mostBelow)];
  const { head, body } = layOut(columns, shown, sheet);
  if (hidden === 0) return [head, ...body];
  return [
    head,
    ...body.slice(0, mostAbove),
    line(`and ${count(hidden)} more`, 'faint'),
    ...body.slice(mostAbove),
  ];
}
